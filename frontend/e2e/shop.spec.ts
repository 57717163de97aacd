import { readFileSync } from 'node:fs'
import type { Download, Page } from '@playwright/test'
import { Desk } from './support/desk'
import { choosePlan, consent, expectArrived, fillCart, orderAndPay, orderIn, payBy, toCheckout } from './support/pages'
import { CARDS, newName } from './support/shop'
import { expect, test } from './support/test'
import { charges } from './support/vendors'

const summary = (page: Page) => page.getByRole('complementary', { name: 'Summary' })

/** The first bytes of what was saved tell what it is. */
async function beginning(download: Download): Promise<string> {
  return readFileSync(await download.path())
    .subarray(0, 5)
    .toString()
}

async function saved(page: Page, name: RegExp): Promise<Download> {
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name }).first().click()
  return download
}

test('an option, an add-on and a coupon: shown in parts, charged as shown', async ({ page, shop }) => {
  await shop.customer()
  await fillCart(page, newName())
  await page.getByLabel('Extra disk, 10 GB').selectOption('3')
  await page.getByLabel('PHP workers').selectOption({ label: '2 workers · $3.00' })
  await page.getByLabel('Dedicated IP').selectOption('1')
  const side = summary(page)
  await expect(side.getByText('Extra disk, 10 GB × 3')).toBeVisible()

  await side.getByLabel('Coupon code').fill('NO-SUCH-CODE')
  await side.getByRole('button', { name: 'Apply' }).click()
  await expect(side.getByLabel('Coupon code')).toHaveAttribute('aria-invalid', 'true')
  await side.getByLabel('Coupon code').fill('welcome10')
  await side.getByRole('button', { name: 'Apply' }).click()
  await expect(side.getByText('WELCOME10', { exact: true })).toBeVisible()
  // 99 + 3 × 2 + 3 + 4 by the month and 10 of setup; 10 % off what is hosted; 14.99 for the name.
  await expect(side.getByText('-$11.20').or(side.getByText('−$11.20')).first()).toBeVisible()
  await side.getByRole('button', { name: 'Remove coupon WELCOME10' }).click()
  await expect(side.getByText('$136.99').first()).toBeVisible()
  await side.getByLabel('Coupon code').fill('WELCOME10')
  await side.getByRole('button', { name: 'Apply' }).click()
  await expect(side.getByText('WELCOME10', { exact: true })).toBeVisible()

  await toCheckout(page)
  await expect(summary(page).getByText('What is charged later')).toBeVisible()
  await orderAndPay(page)
  await expectArrived(page)
  const order = await shop.read(orderIn(page))
  expect([order.coupon, order.total.amount]).toEqual(['WELCOME10', 12_579])
  expect((await charges(await shop.customerId())).map((charge) => charge.captured)).toEqual([12_579])
})

test('another currency has prices of its own, and a name comes with the year', async ({ page, shop }) => {
  await shop.customer()
  await choosePlan(page)
  await page.getByLabel('Currency').selectOption('EUR')
  await page.getByRole('radio', { name: 'Yearly' }).check()
  await page.getByLabel('New domain name').fill(newName())
  await expect(page.getByRole('region', { name: 'Professional' }).getByText('The first year of this name comes with the plan.')).toBeVisible()
  await toCheckout(page)
  await expect(summary(page).getByText('€970.00').first()).toBeVisible()
  await expect(page.getByRole('button', { name: 'Order and pay €970.00' })).toBeEnabled()
})

test('a product that is charged once stands in the cart beside the plan', async ({ page }) => {
  await page.goto('/pricing')
  await page.getByRole('button', { name: 'Add Site move' }).click()
  await expect(page).toHaveURL('/cart')
  await page.getByLabel('Quantity of Site move').selectOption('2')
  await expect(summary(page).getByText('$98.00').first()).toBeVisible()
  await expect(page.getByRole('link', { name: 'Go to checkout' })).toBeVisible()
})

test('a trial: nothing to pay now, straight to delivery, and what comes later is said', async ({ page, shop }) => {
  const desk = await Desk.open()
  const { name } = await desk.plan(14, 1200)
  await desk.close()
  await shop.customer()
  await choosePlan(page, name)
  await page.getByRole('radio', { name: 'I have a domain' }).check()
  await page.getByLabel('Your domain name').fill(newName('own'))
  await toCheckout(page)
  await expect(summary(page).getByText(/\$12\.00 per month/)).toBeVisible()
  await expect(page.getByText('Nothing is charged now and no card is asked for.')).toBeVisible()
  await consent(page)
  await page.getByRole('button', { name: 'Order: $0.00 now' }).click()
  await expect(page).toHaveURL(/\/orders\/[0-9a-f-]{36}/)
  await expect(page.getByRole('button', { name: /^Pay/ })).toHaveCount(0)
  await expectArrived(page, ['Confirmed', 'License', 'Account', 'Mail'])
  expect(await charges(await shop.customerId())).toEqual([])
})

test('an invoice is paid in part, from the credit, and by its link without a login', async ({ page, browser, shop }) => {
  const desk = await Desk.open()
  await shop.customer()
  const customerId = await shop.customerId()
  const invoice = await desk.invoice(customerId, 10_000)
  await desk.transfer(invoice, 4000)
  await desk.credit(customerId, 1500)
  await desk.close()

  await page.goto(`/invoices/${invoice.id}`)
  await expect(page.getByRole('row').filter({ hasText: 'Bank transfer' })).toContainText('$40.00')
  await page.getByRole('button', { name: 'Use $15.00 of your credit' }).click()
  await expect(page.getByRole('button', { name: 'Pay $45.00' })).toBeVisible()
  expect(await beginning(await saved(page, /^PDF: Receipt/))).toBe('%PDF-')
  await page.getByRole('button', { name: 'Let somebody else pay' }).click()
  const link = await page.locator('code').filter({ hasText: '/pay/' }).innerText()

  const colleague = await (await browser.newContext()).newPage()
  await colleague.goto(link)
  await expect(colleague.getByRole('heading', { level: 1 })).toHaveText(`Invoice ${invoice.number}`)
  await colleague.getByRole('button', { name: 'Pay $45.00' }).click()
  await payBy(colleague, CARDS.fine)
  await expect(colleague).toHaveURL(/\/pay\//)
  await expect(colleague.getByText('This invoice is paid.')).toBeVisible()
  await colleague.goto(`${link.slice(0, -4)}AAAA`)
  await expect(colleague.getByText('This is not a payment link')).toBeVisible()
  await colleague.context().close()

  await page.goto('/credit')
  const movements = page.getByRole('table', { name: 'Movements' })
  await expect(movements.getByRole('row').filter({ hasText: '-$15.00' })).toContainText('Paid an invoice')
  await expect(movements.getByRole('row').filter({ hasText: 'Given or taken by us' })).toContainText('$15.00')
})

test('the statement of account and the e-invoice are saved as files', async ({ page, shop }) => {
  const desk = await Desk.open()
  await shop.customer()
  const invoice = await desk.invoice(await shop.customerId(), 10_000)
  await desk.transfer(invoice, 10_000)
  await desk.close()
  await page.goto('/statement')
  await expect(
    page
      .getByRole('row')
      .filter({ hasText: invoice.number ?? '' })
      .first(),
  ).toContainText('$100.00')
  const statement = await saved(page, /^PDF: Statement/)
  expect([await beginning(statement), statement.suggestedFilename()]).toEqual(['%PDF-', expect.stringMatching(/\.pdf$/)])
  await page.getByLabel('Period').selectOption('last_year')
  await expect(page.getByRole('row').filter({ hasText: invoice.number ?? '' })).toHaveCount(0)
  await page.goto(`/invoices/${invoice.id}`)
  const xml = await saved(page, /^E-invoice/)
  expect([await beginning(xml), xml.suggestedFilename()]).toEqual(['<?xml', expect.stringMatching(/\.xml$/)])
})

test('a tax id is checked, and what it means is said; the reference goes onto invoices', async ({ page, shop }) => {
  await shop.customer()
  await shop.call('PUT', '/customers/me/address', { line_1: 'Damrak 1', city: 'Amsterdam', postal_code: '1012 LG', country: 'NL' })
  await page.goto('/settings/profile')
  await page.getByText('Business', { exact: true }).click()
  await page.getByLabel('Tax or VAT number').fill('NL123456782B90')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByRole('region', { name: 'VAT number' })).toContainText(/Being checked|Confirmed|Not found|Register unavailable/)
  await page.getByLabel('E-mail address for invoices').fill('nonsense')
  await page.getByRole('button', { name: 'Save the invoice details' }).click()
  await expect(page.getByLabel('E-mail address for invoices')).toHaveAttribute('aria-invalid', 'true')
  await page.getByLabel('E-mail address for invoices').fill('accounts@example.com')
  await page.getByLabel('Your reference').fill('KST 4711')
  await page.getByRole('button', { name: 'Save the invoice details' }).click()
  await expect(page.getByText('Saved.').first()).toBeVisible()
  const profile = await shop.call<{ invoice_email: string; buyer_reference: string }>('GET', '/customers/me')
  expect([profile.invoice_email, profile.buyer_reference]).toEqual(['accounts@example.com', 'KST 4711'])
})
