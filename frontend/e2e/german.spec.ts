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

test('the language is changed by hand, and stays', async ({ page, shop }) => {
  await shop.customer()
  await page.goto('/settings/appearance')
  await page.getByRole('radio', { name: 'English' }).click()
  await expect(page.locator('html')).toHaveAttribute('lang', 'en')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Language and appearance')
  await page.goto('/dashboard')
  await expect(page.locator('html')).toHaveAttribute('lang', 'en')
})
