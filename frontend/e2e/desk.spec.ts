import type { Page } from '@playwright/test'
import { scene } from './support/scene'
import type { Shop } from './support/shop'
import { expect, settled, test } from './support/test'

/** Somebody whose credit no other story touches: an invoice is paid from it. */
async function newCustomer(shop: Shop): Promise<string> {
  await shop.customer()
  return shop.customerId()
}

/** Writes and issues an invoice over a free line, as staff would. */
async function issued(page: Page, price: string, customerId: string): Promise<void> {
  await page.goto(`/admin/invoices/new?customer=${customerId}`)
  await settled(page)
  await page.getByLabel(/^Description/).fill('Moving a site')
  await page.getByLabel(/^Price each/).fill(price)
  await page.getByRole('button', { name: 'Keep the draft' }).click()
  await page.getByRole('button', { name: 'Issue', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Issue' }).dblclick()
  await expect(page.getByRole('heading', { level: 1 })).toContainText(/^INV-/)
}

test('staff writes, changes and issues an invoice, is paid in part and credits the rest with a preview', async ({ visit, shop }) => {
  const customerId = await newCustomer(shop)
  const page = await visit({ name: 'new', path: '/admin/invoices/new', as: 'staff' })
  await page.getByRole('button', { name: 'Keep the draft' }).click()
  await expect(page.getByText('Choose a customer.')).toBeVisible()
  await page.goto(`/admin/invoices/new?customer=${customerId}`)
  await page.getByLabel('Of what').selectOption('plan')
  await page.getByLabel(/^Plan or product/).selectOption('professional')
  await page.getByLabel(/^Price each/).fill('100')
  await page.getByRole('button', { name: 'Keep the draft' }).click()
  await expect(page.getByLabel(/^Why another price/)).toHaveAttribute('aria-invalid', 'true')
  await page.getByLabel(/^Why another price/).fill('Agreed by phone')
  await page.getByRole('button', { name: 'Keep the draft' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Draft' })).toBeVisible()

  await page.getByRole('link', { name: 'Change', exact: true }).click()
  await expect(page.getByLabel(/^Why another price/)).toHaveValue('Agreed by phone')
  await page.getByLabel('Purchase order').fill('PO-4711')
  await page.getByRole('button', { name: 'Keep the changes' }).click()
  await expect(page.getByText('PO-4711')).toBeVisible()
  await page.getByRole('button', { name: 'Issue', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Issue' }).dblclick()
  await expect(page.getByRole('heading', { level: 1 })).toContainText(/^INV-/)

  await page.getByRole('button', { name: 'Record a payment' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(/^Amount/).fill('40')
  await dialog.getByLabel(/^Reference/).fill('NTRF 4711')
  await dialog.getByRole('button', { name: 'Record the payment' }).dblclick()
  await expect(page.getByRole('button', { name: 'Explain: Paid' })).toContainText('$40.00')

  await page.getByRole('button', { name: 'Credit note' }).click()
  await expect(dialog.getByText('Off what is due')).toBeVisible()
  await expect(dialog.getByText('To the customer’s credit')).toBeVisible()
  await dialog.getByLabel(/^Reason/).fill('Not delivered')
  await dialog.getByRole('button', { name: 'Issue the credit note' }).dblclick()
  await expect(page.getByRole('table', { name: 'Credit notes' }).getByRole('row')).toHaveCount(2)
  await expect(page.getByRole('button', { name: 'Explain: Still due' })).toContainText('$0.00')
})

test('a line, its tax and an entry of the books explain themselves', async ({ visit, shop }) => {
  const customerId = await newCustomer(shop)
  const page = await visit({ name: 'new', path: '/admin/invoices/new', as: 'staff' })
  await issued(page, '120.50', customerId)
  await page.getByRole('button', { name: 'Explain Tax of Moving a site' }).click()
  const drawer = page.getByRole('dialog')
  await expect(drawer.getByText('1 × $120.50 is $120.50.')).toBeVisible()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Explain the entry on Receivables' }).click()
  await expect(drawer.getByText('Receivables was debited: Invoice issued.')).toBeVisible()
  await expect(drawer.getByRole('table', { name: 'Invoice issued' })).toBeVisible()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Void' }).click()
  await drawer.getByLabel(/^Reason/).fill('Twice')
  await drawer.getByRole('button', { name: 'Void' }).dblclick()
  await expect(page.getByText('Void', { exact: true }).first()).toBeVisible()
})

test('credit is given with a reason, and its entry is explained', async ({ visit }) => {
  const page = await visit({ name: 'customer', path: `/admin/customers/${scene().customerId}`, as: 'staff' })
  await page.getByRole('button', { name: 'Give or take credit' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(/^How much/).fill('5')
  await dialog.getByLabel(/^Reason/).fill('Sorry for the outage')
  await dialog.getByRole('button', { name: 'Give credit' }).dblclick()
  await page.getByRole('link', { name: 'Credit adjusted by staff' }).first().click()
  await expect(page.getByText('Customers’ credit was credited: Credit adjusted by staff.')).toBeVisible()
})

test('a rate is set, a rule is added and ended', async ({ visit }) => {
  const page = await visit({ name: 'rates', path: '/admin/books/rates', as: 'staff' })
  await page.getByRole('button', { name: 'Set a rate' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(/^Currency/).fill('GBP')
  await dialog.getByLabel(/^1 GBP in/).fill('1.27')
  await dialog.getByRole('button', { name: 'Set a rate' }).dblclick()
  await expect(page.getByRole('row', { name: /1 GBP = 1\.27 / })).toBeVisible()

  await page.goto('/admin/tax/rules?country=CH')
  await page.getByRole('button', { name: 'Add a rule' }).click()
  await dialog.getByLabel(/^Name, as printed/).fill('MWST 8.1 %')
  await dialog.getByLabel(/^Rate in percent/).fill('8.1')
  await dialog.getByLabel(/^From/).fill('2030-01-01')
  await dialog.getByLabel(/^Reason/).fill('We register in Switzerland')
  await dialog.getByRole('button', { name: 'Add a rule' }).dblclick()
  await page.getByRole('button', { name: 'End MWST 8.1 %, CH' }).click()
  await dialog.getByLabel(/^First day without it/).fill('2031-01-01')
  await dialog.getByLabel(/^Reason/).fill('The rate changes')
  await dialog.getByRole('button', { name: 'End' }).dblclick()
  await expect(page.getByRole('button', { name: 'End MWST 8.1 %, CH' })).toHaveCount(0)
})
