import { placeNamed } from './support/scene'
import { hosting, newName } from './support/shop'
import { expect, test } from './support/test'

test.use({ locale: 'de-DE' })

test('who speaks German is spoken to in German, in the shop and in the account', async ({ page, shop }) => {
  await page.goto('/')
  await expect(page.locator('html')).toHaveAttribute('lang', 'de')
  await page.goto('/pricing')
  await expect(page.getByText(/\d+,\d{2}\s\$/).first()).toBeVisible()
  await page.goto('/login')
  await expect(page.getByRole('button', { name: 'Anmelden' })).toBeVisible()

  await shop.customer()
  const order = await shop.delivered(hosting(newName('laden')))
  await page.goto(`/orders/${order.id}`)
  const steps = page.getByRole('list', { name: /Fortschritt|Verlauf/ }).getByRole('listitem')
  await expect(steps).toHaveCount(5)
  await expect(page.getByText(/113,99\s\$/).first()).toBeVisible()
  for (const path of [
    '/dashboard',
    '/orders',
    '/invoices',
    '/credit',
    '/subscriptions',
    '/payment-methods',
    '/statement',
    '/domains-owned',
    '/settings/profile',
    '/settings/security',
    '/cart',
  ]) {
    await page.goto(path)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await expect(page.getByText(/\b(the|your|Orders|Settings)\b/)).toHaveCount(0)
  }
})

// What staff writes itself, such as the names of plans, is in whatever language it was written; documents speak their customer's.
const DESK = ['billing-run', 'billing-calendar', 'clock', 'subscriptions', 'subscription', 'invoices']

test('staff is spoken to in German at the desk', async ({ page, visit }) => {
  test.setTimeout(300_000)
  for (const name of DESK) {
    await visit(placeNamed(`admin-${name}`))
    await expect(page.locator('html')).toHaveAttribute('lang', 'de')
    const english = page.getByText(/\b(the|your|since|what|from|Orders|Settings|Invoices|Subscriptions)\b/).filter({ visible: true })
    expect(await english.allInnerTexts(), name).toEqual([])
  }
})

test('the language is changed by hand, and stays', async ({ page, shop }) => {
  await shop.customer()
  await page.goto('/settings/appearance')
  await page.getByRole('radio', { name: 'English' }).click()
  await expect(page.locator('html')).toHaveAttribute('lang', 'en')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Language and appearance')
  await page.goto('/dashboard')
  await expect(page.locator('html')).toHaveAttribute('lang', 'en')
})
