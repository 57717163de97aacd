import type { Locator, Page } from '@playwright/test'
import { consent, field, fillCart, obligingButton, toCheckout } from './support/pages'
import { newName } from './support/shop'
import { expect, test } from './support/test'

/** The field is marked as wrong, and the words that say why belong to it. */
async function expectFault(input: Locator, words: RegExp): Promise<void> {
  await expect(input).toHaveAttribute('aria-invalid', 'true')
  await expect(input).toHaveAccessibleDescription(words)
}

async function fill(page: Page, values: Record<string, string>): Promise<void> {
  for (const [label, value] of Object.entries(values)) await field(page, new RegExp(`^${label}`)).fill(value)
}

async function expectTyped(page: Page, values: Record<string, string>): Promise<void> {
  for (const [label, value] of Object.entries(values)) await expect(field(page, new RegExp(`^${label}`))).toHaveValue(value)
}

test('registration: each bad value has its words at its field, the first has the cursor, nothing typed is lost', async ({ page }) => {
  const typed = { Name: 'Robin', 'E-mail address': 'robin at example', Password: 'short' }
  await page.goto('/register')
  await fill(page, typed)
  await page.getByRole('button', { name: 'Create account' }).click()
  await expectFault(field(page, /^E-mail address/), /\w/)
  await expect(field(page, /^E-mail address/)).toBeFocused()
  await expectTyped(page, typed)
  await field(page, /^E-mail address/).fill('robin-short@example.com')
  await page.getByRole('button', { name: 'Create account' }).click()
  await expectFault(field(page, /^Password/), /10/)
  await expectTyped(page, { Name: 'Robin', Password: 'short' })
})

test('login: a wrong password keeps what was typed', async ({ page }) => {
  const typed = { 'E-mail address': 'nobody-here@example.com', Password: 'not the password' }
  await page.goto('/login')
  await fill(page, typed)
  await page.getByRole('button', { name: 'Log in' }).click()
  await expect(page.getByRole('main').getByRole('alert')).toContainText('You could not be logged in')
  await expectTyped(page, typed)
})

test('forgotten password: an address that is none', async ({ page }) => {
  await page.goto('/forgot-password')
  await fill(page, { 'E-mail address': 'robin' })
  await page.getByRole('button', { name: 'Send the link' }).click()
  await expectFault(field(page, /^E-mail address/), /\w/)
  await expectTyped(page, { 'E-mail address': 'robin' })
})

test('profile and address: phone, postal code and tax number', async ({ page, shop }) => {
  await shop.customer()
  await page.goto('/settings/profile')
  await page.getByText('Business', { exact: true }).click()
  const typed = { 'Full name': 'Robin Tester', Company: 'Tester GmbH', 'Tax or VAT number': 'DE12', Phone: 'call me', 'Postal code': 'x'.repeat(30) }
  await fill(page, typed)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.locator('[aria-invalid=true]').first()).toBeFocused()
  await expectFault(field(page, /^Phone/), /\w/)
  await expectTyped(page, typed)
  await field(page, /^Phone/).fill('+12175550123')
  await field(page, /^Tax or VAT number/).fill('')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expectFault(field(page, /^Postal code/), /\w/)
  await expectTyped(page, { Company: 'Tester GmbH', 'Postal code': 'x'.repeat(30), Phone: '+12175550123' })
})

test('security: the present password is wrong, the new one too short', async ({ page, shop }) => {
  const person = await shop.customer()
  await page.goto('/settings/security')
  await fill(page, { 'Present password': 'wrong in any case', 'New password': 'a long enough new one' })
  await page.getByRole('button', { name: 'Change password' }).click()
  await expect(page.getByRole('main').getByRole('alert').or(page.locator('[aria-invalid=true]')).first()).toBeVisible()
  await expect(page).toHaveURL('/settings/security')
  await fill(page, { 'Present password': person.password, 'New password': 'short' })
  await page.getByRole('button', { name: 'Change password' }).click()
  await expectFault(field(page, /^New password/), /10/)
  await expectTyped(page, { 'Present password': person.password, 'New password': 'short' })
})

test('checkout: without consent there is no order, and the words stand at the boxes', async ({ page, shop }) => {
  await shop.customer()
  await fillCart(page, newName())
  await toCheckout(page)
  await obligingButton(page).click()
  await expect(page.getByText('Please accept the terms to order.')).toBeVisible()
  await expect(page.getByText(/we would have to wait/)).toBeVisible()
  expect(await shop.orders()).toEqual([])
  await consent(page)
  await expect(page.getByText('Please accept the terms to order.')).toBeHidden()
})

test('a name that is taken is said in the cart before anything is ordered', async ({ page }) => {
  await page.goto('/pricing')
  await page.getByRole('button', { name: 'Choose Professional' }).click()
  const name = newName('taken')
  await page.getByLabel('New domain name').fill(name)
  await expect(page.getByText(`${name} is taken. Choose another name.`)).toBeVisible()
})

test('the shop can’t be reached: it is said, nothing typed is lost, and it goes on when it is back', async ({ page, context, shop }) => {
  await shop.customer()
  await page.goto('/settings/profile')
  await field(page, /^Street and number/).fill('5 Offline Alley')
  await context.setOffline(true)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByText(/can’t be reached|your connection/i).first()).toBeVisible()
  await expect(field(page, /^Street and number/)).toHaveValue('5 Offline Alley')
  await context.setOffline(false)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByText('Saved.')).toBeVisible()
})
