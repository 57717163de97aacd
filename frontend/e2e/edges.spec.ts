import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { Desk } from './support/desk'
import { choosePlan, consent, obligingButton, toCheckout } from './support/pages'
import { hosting, newName } from './support/shop'
import { expect, settled, test } from './support/test'

/** What is pressed seldom: ends, refusals, and what changed while somebody read. */

const dialog = (page: Page) => page.getByRole('dialog')

async function confirm(page: Page, button: string, reason?: string): Promise<void> {
  if (reason) {
    await dialog(page)
      .getByLabel(/^Reason/)
      .fill(reason)
  }
  await dialog(page).getByRole('button', { name: button, exact: true }).click()
  await expect(dialog(page)).toHaveCount(0)
}

test('a draft is discarded, and leaves the list', async ({ visit, shop }) => {
  await shop.customer()
  const customerId = await shop.customerId()
  const page = await visit({ name: 'new', path: `/admin/invoices/new?customer=${customerId}`, as: 'staff' })
  await page.getByLabel(/^Description/).fill('Never mind')
  await page.getByLabel(/^Price each/).fill('10')
  await page.getByRole('button', { name: 'Keep the draft' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Draft' })).toBeVisible()
  const draft = page.url()
  await page.getByRole('button', { name: 'Discard', exact: true }).click()
  await confirm(page, 'Discard')
  await expect(page).toHaveURL(/\/admin\/invoices$/)
  await page.goto(draft)
  await expect(page.getByText(/no such invoice/i)).toBeVisible()
})

test('an invoice is sent, written off and voided, and its link says that it is not to be paid', async ({ visit, browser, shop }) => {
  const desk = await Desk.open()
  await shop.customer()
  const invoice = await desk.invoice(await shop.customerId(), 5000)
  const page = await visit({ name: 'invoice', path: `/admin/invoices/${invoice.id}`, as: 'staff' })
  await page.getByRole('button', { name: 'Link to pay' }).click()
  const link = await page.locator('code').filter({ hasText: '/pay/' }).innerText()
  await page.getByRole('button', { name: 'Send by mail' }).click()
  await dialog(page).getByRole('button', { name: 'Send' }).click()
  await expect(dialog(page).getByText(/^It goes to /)).toBeVisible()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Write off' }).click()
  await confirm(page, 'Write off', 'Nobody there')
  await expect(page.getByText('Uncollectible', { exact: true }).first()).toBeVisible()
  await page.getByRole('button', { name: 'Void' }).click()
  await confirm(page, 'Void', 'Never delivered')
  await expect(page.getByText('Void', { exact: true }).first()).toBeVisible()
  const colleague = await (await browser.newContext()).newPage()
  await colleague.goto(link)
  await expect(colleague.getByText('This invoice was cancelled by who issued it. Please do not pay it.')).toBeVisible()
  await colleague.context().close()
  await desk.close()
})

test('a proforma is invoiced for a customer on terms', async ({ visit, shop }) => {
  await shop.customer()
  const order = await shop.order(hosting(newName()))
  const page = await visit({ name: 'proforma', path: `/admin/invoices/proformas/${order.proforma_id}`, as: 'staff' })
  await page.getByRole('button', { name: 'Invoice before it is paid' }).click()
  await dialog(page).getByRole('button', { name: 'Issue the invoice' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText(/^INV-/)
})

test('credit is taken, an exemption granted and ended, and the register asked at once', async ({ visit, shop }) => {
  const desk = await Desk.open()
  await shop.customer()
  await shop.call('PUT', '/customers/me/address', { line_1: 'Damrak 1', city: 'Amsterdam', postal_code: '1012 LG', country: 'NL' })
  await shop.call('PATCH', '/customers/me', { status: 'business', tax_id: 'NL123456782B90', company: 'Damrak Trading' })
  const customerId = await shop.customerId()
  await desk.credit(customerId, 2000)
  await desk.close()
  const page = await visit({ name: 'customer', path: `/admin/customers/${customerId}`, as: 'staff' })
  await page.getByRole('button', { name: 'Give or take credit' }).click()
  await dialog(page).getByRole('radio', { name: 'Take credit' }).check()
  await expect(dialog(page).getByText('$20.00 is free; no more than that can be taken.')).toBeVisible()
  await dialog(page)
    .getByLabel(/^How much/)
    .fill('20.01')
  await dialog(page)
    .getByLabel(/^Reason/)
    .fill('Given twice')
  await dialog(page).getByRole('button', { name: 'Take credit' }).click()
  await expect(
    dialog(page)
      .getByText(/\$20\.00/)
      .first(),
  ).toBeVisible()
  await dialog(page)
    .getByLabel(/^How much/)
    .fill('15')
  await dialog(page).getByRole('button', { name: 'Take credit' }).click()
  await expect(dialog(page)).toHaveCount(0)
  await expect(page.getByText('$5.00, of which $5.00 is free')).toBeVisible()

  await page.getByRole('button', { name: 'Ask VIES now' }).click()
  await expect(page.getByText('VIES is being asked.')).toBeVisible()
  await page.getByRole('button', { name: 'Grant an exemption' }).click()
  const fields = dialog(page)
  await fields.getByRole('combobox', { name: 'Country' }).fill('Netherlands')
  await page.getByRole('option', { name: 'Netherlands', exact: true }).click()
  await fields.getByLabel(/^Certificate/).fill('EX-4711')
  await fields.getByLabel(/^Where the certificate is kept/).fill('Folder 12')
  await fields.getByLabel(/^From/).fill('2026-01-01')
  await fields.getByLabel(/^Until/).fill('2040-12-31')
  await confirm(page, 'Grant an exemption', 'An embassy')
  const row = page.getByRole('row').filter({ hasText: 'EX-4711' })
  await expect(row).toContainText('Netherlands')
  await row.getByRole('button', { name: 'End' }).click()
  await fields.getByLabel(/^Last day/).fill('2039-12-31')
  await confirm(page, 'End', 'They moved')
  await expect(row).toContainText('2039')
})

test('the returns of a quarter are saved, and the tasks of tax are listed', async ({ visit }) => {
  const page = await visit({ name: 'returns', path: '/admin/tax/returns', as: 'staff' })
  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: /^One-stop shop .* as CSV$/ }).click()
  const file = await saved
  expect(file.suggestedFilename()).toMatch(/^oss-\d{4}-Q[1-4]\.csv$/)
  expect(readFileSync(await file.path(), 'utf8')).toContain('country')
  await page.goto('/admin/tax/tasks?state=all')
  await settled(page)
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
})

test('what is sold out while somebody reads is refused, and said in the cart', async ({ page, shop }) => {
  const desk = await Desk.open()
  const { code, name } = await desk.plan(0, 1200)
  await desk.stock(code, 1)
  await shop.customer()
  await choosePlan(page, name)
  await page.getByRole('radio', { name: 'I have a domain' }).check()
  await page.getByLabel('Your domain name').fill(newName('own'))
  await toCheckout(page)
  await consent(page)
  await desk.stock(code, 0)
  await obligingButton(page).click()
  await expect(page.getByText(`not enough of ${name} left`)).toBeVisible()
  await page.goto('/cart')
  await expect(page.getByText('Sold out at the moment.')).toBeVisible()
  await page.goto('/pricing')
  await expect(page.getByRole('button', { name: `${name} is sold out` })).toBeDisabled()
  await desk.close()
})

test('a price that changes while somebody reads is shown before anything is ordered', async ({ page, shop }) => {
  const desk = await Desk.open()
  const { code, name } = await desk.plan(0, 1200)
  await shop.customer()
  await choosePlan(page, name)
  await page.getByRole('radio', { name: 'I have a domain' }).check()
  await page.getByLabel('Your domain name').fill(newName('own'))
  await toCheckout(page)
  await consent(page)
  await expect(page.getByRole('button', { name: 'Order and pay $12.00' })).toBeVisible()
  await desk.reprice(code, 1300)
  await page.getByRole('button', { name: 'Order and pay $12.00' }).click()
  await expect(page.getByText('It costs 13.00 USD now.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Order and pay $13.00' })).toBeVisible()
  expect(await shop.orders()).toEqual([])
  await desk.close()
})

for (const [number, said] of [
  ['NL000000000B00', /not a tax number of your country/],
  ['NL123456782B91', /Not found|Being checked|Confirmed|Register unavailable/],
] as const) {
  test(`a VAT number such as ${number} is answered for`, async ({ page, shop }) => {
    await shop.customer()
    await shop.call('PUT', '/customers/me/address', { line_1: 'Damrak 1', city: 'Amsterdam', postal_code: '1012 LG', country: 'NL' })
    await page.goto('/settings/profile')
    await page.getByText('Business', { exact: true }).click()
    await page.getByLabel('Tax or VAT number').fill(number)
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await expect(page.getByText(said).first()).toBeVisible()
  })
}
