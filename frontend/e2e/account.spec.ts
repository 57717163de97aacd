import { field, logIn, register } from './support/pages'
import { newPerson } from './support/shop'
import { expect, test } from './support/test'
import { mailbox } from './support/vendors'

test('registration, confirmed through the mailbox', async ({ page }) => {
  const person = newPerson()
  await page.goto('/register')
  await register(page, person)
  await expect(page).toHaveURL('/dashboard')
  await expect(page.getByText('Please confirm your e-mail address')).toBeVisible()
  await page.goto(await mailbox.link(person.email, 'verify-email'))
  await page.getByRole('button', { name: 'Confirm this address' }).click()
  await expect(page.getByText('Your address is confirmed')).toBeVisible()
  await page.goto('/dashboard')
  await expect(page.getByText('No services yet')).toBeVisible()
  await expect(page.getByText('Please confirm your e-mail address')).toBeHidden()
})

test('an address that is known already is told by mail alone', async ({ page, context, shop }) => {
  const person = await shop.customer()
  await context.clearCookies()
  await page.goto('/register')
  await register(page, { ...person, password: 'quite another password' })
  await expect(page.getByText('Look into your mailbox')).toBeVisible()
  await mailbox.mail(person.email, ({ subject }) => /account/i.test(subject), 'there is an account')
})

test('a forgotten password is set anew through the mailbox', async ({ page, context, shop }) => {
  const person = await shop.customer()
  const renewed = { ...person, password: 'a new and longer password' }
  await context.clearCookies()
  await page.goto('/login')
  await page.getByRole('link', { name: 'Forgot your password?' }).click()
  await expect(page).toHaveURL('/forgot-password')
  await field(page, /^E-mail address/).fill(person.email)
  await page.getByRole('button', { name: 'Send the link' }).click()
  await expect(page.getByText('Look into your mailbox')).toBeVisible()
  const link = await mailbox.link(person.email, 'reset-password')
  await page.goto(link)
  await field(page, /^New password/).fill(renewed.password)
  await page.getByRole('button', { name: 'Save the new password' }).click()
  await expect(page.getByText('Your password is changed')).toBeVisible()

  await page.goto('/login')
  await logIn(page, person)
  await expect(page.getByRole('main').getByRole('alert')).toContainText('You could not be logged in')
  await logIn(page, renewed)
  await expect(page).toHaveURL('/dashboard')
  await page.goto(link)
  await field(page, /^New password/).fill('one more password of mine')
  await page.getByRole('button', { name: 'Save the new password' }).click()
  await expect(page.getByRole('link', { name: 'Ask for another link' })).toBeVisible()
})

test('the password is changed in the account, and the other browser is logged out', async ({ page, shop }) => {
  const person = await shop.customer()
  await page.goto('/settings/security')
  await field(page, /^Present password/).fill(person.password)
  await field(page, /^New password/).fill('a password of tomorrow')
  await page.getByRole('button', { name: 'Change password' }).click()
  await expect(page.getByText('Your password is changed.')).toBeVisible()
  const old = await shop.try('POST', '/auth/login', { email: person.email, password: person.password })
  expect(old.status()).toBe(401)
})
