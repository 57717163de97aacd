import { field, logIn } from './support/pages'
import { expect, test } from './support/test'

const TYPED = '77 Half Written Road'

test('the access runs out in mid-form: it is renewed, and nothing is noticed', async ({ page, context, shop }) => {
  await shop.customer()
  await page.goto('/settings/profile')
  await field(page, /^Street and number/).fill(TYPED)
  await context.clearCookies({ name: 'np_at' })
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByText('Saved.')).toBeVisible()
  expect((await shop.call<{ address: { line_1: string } }>('GET', '/customers/me')).address.line_1).toBe(TYPED)
})

test('the session ends in mid-form: after logging in again what was typed is there', async ({ page, context, shop }) => {
  const person = await shop.customer()
  await page.goto('/settings/profile')
  await field(page, /^Street and number/).fill(TYPED)
  await context.clearCookies()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page).toHaveURL(/\/login\?next=/)
  await logIn(page, person)
  await expect(page).toHaveURL('/settings/profile')
  await expect(field(page, /^Street and number/)).toHaveValue(TYPED)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByText('Saved.')).toBeVisible()
})

test('many requests with an access that has run out are refreshed once, in two tabs too', async ({ page, context, shop }) => {
  await shop.customer()
  const other = await context.newPage()
  await page.goto('/dashboard')
  await other.goto('/orders')
  // Whatever the first pages ask has been answered: what is refreshed from here on is what the next ones need.
  await expect(page.getByText('No services yet')).toBeVisible()
  await expect(other.getByText('No orders yet')).toBeVisible()
  const refreshes: number[] = []
  for (const tab of [page, other]) {
    tab.on('response', (answer) => {
      if (answer.url().endsWith('/session/refresh')) refreshes.push(answer.status())
    })
  }
  await context.clearCookies({ name: 'np_at' })
  await Promise.all([page.goto('/dashboard'), other.goto('/invoices')])
  await expect(page.getByText('No services yet')).toBeVisible()
  await expect(other.getByText('No invoices yet')).toBeVisible()
  expect(refreshes).toEqual([200])
})

test('a page of the account sends a stranger to the login and back', async ({ page, shop, context }) => {
  const person = await shop.customer()
  await context.clearCookies()
  await page.goto('/settings/security')
  await expect(page).toHaveURL(/\/login\?next=%2Fsettings%2Fsecurity/)
  await logIn(page, person)
  await expect(page).toHaveURL('/settings/security')
})

test('log out, and log out everywhere', async ({ page, shop, browser, baseURL }) => {
  const person = await shop.customer()
  const elsewhere = await browser.newContext({ baseURL })
  const far = await elsewhere.newPage()
  await far.goto('/login')
  await logIn(far, person)
  await expect(far).toHaveURL('/dashboard')

  await page.goto('/settings/security')
  await page.getByRole('button', { name: 'Log out everywhere' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Log out everywhere' }).click()
  await expect(page).toHaveURL(/\/login/)
  await far.goto('/orders')
  await expect(far).toHaveURL(/\/login/)

  await logIn(page, person)
  await expect(page).toHaveURL('/dashboard')
  await page.getByRole('button', { name: 'Log out' }).click()
  await expect(page).toHaveURL(/\/login/)
  await page.goto('/dashboard')
  await expect(page).toHaveURL(/\/login/)
  await elsewhere.close()
})
