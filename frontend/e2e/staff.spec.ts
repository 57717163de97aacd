import { placeNamed, scene } from './support/scene'
import { hosting, newName, Shop } from './support/shop'
import { expect, test } from './support/test'
import { accounts, charges, mailbox } from './support/vendors'

test('staff retries a parked step with a reason, and the order is delivered', async ({ visit, shop }) => {
  const { toMend } = scene().orders
  const page = await visit({ name: 'work', path: '/admin/work', as: 'staff' })
  const row = page.getByRole('row').filter({ hasText: /mend-/ })
  await expect(row).toHaveCount(1)
  const name = (await row.innerText()).match(/mend-[0-9a-f]+\.com/)?.[0] ?? ''
  await row.getByRole('button', { name: /^Retry/ }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Retry' }).click()
  await expect(dialog.getByLabel(/^Reason/)).toHaveAttribute('aria-invalid', 'true')
  await dialog.getByLabel(/^Reason/).fill('the key of the panel is mended')
  await dialog.getByRole('button', { name: 'Retry' }).click()
  await expect(page.getByText('It is being tried again.')).toBeVisible()
  await expect(row).toHaveCount(0)

  await page.goto(`/admin/orders/${toMend}`)
  await expect(page.getByRole('heading', { level: 1 })).toContainText(/ORD-/)
  await expect(page.getByText('Completed').first()).toBeVisible()
  await expect(page.getByText('the key of the panel is mended').first()).toBeVisible()
  expect(await accounts(name)).toBe(1)
  await page.goto('/admin/audit')
  await expect(page.getByText('the key of the panel is mended').first()).toBeVisible()
  expect((await shop.call<{ items: unknown[] }>('GET', '/admin/parked')).items.length).toBeGreaterThanOrEqual(1)
})

test('staff refunds a line once, with a reason: money, credit note and mail', async ({ visit, playwright, baseURL }) => {
  const requests = await playwright.request.newContext({ baseURL })
  const buyer = new Shop(requests)
  const person = await buyer.customer()
  const order = await buyer.delivered(hosting(newName('refund')))
  const line = order.lines.find((each) => each.kind === 'domain')
  const page = await visit({ name: 'order', path: `/admin/orders/${order.id}`, as: 'staff' })
  await page.getByRole('button', { name: `Refund ${line?.description}` }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(/^Reason/).fill('goodwill: the name was mistyped by us')
  await dialog.getByRole('button', { name: /^Refund \$14\.99/ }).dblclick()
  await expect(page.getByText('The refund is on its way.')).toBeVisible()
  await expect.poll(async () => (await charges(await buyer.customerId())).map((charge) => charge.refunded)).toEqual([1499])
  await mailbox.mail(person.email, ({ subject }) => /refund|credit/i.test(subject), 'the refund')
  await page.reload()
  await expect(page.getByText('goodwill: the name was mistyped by us').first()).toBeVisible()
  await requests.dispose()
})

test('staff cancels an order that is not paid', async ({ visit, playwright, baseURL }) => {
  const requests = await playwright.request.newContext({ baseURL })
  const buyer = new Shop(requests)
  await buyer.customer()
  const order = await buyer.order(hosting(newName()))
  const page = await visit({ name: 'order', path: `/admin/orders/${order.id}`, as: 'staff' })
  await page.getByRole('button', { name: 'Cancel order' }).click()
  await page
    .getByRole('dialog')
    .getByLabel(/^Reason/)
    .fill('the customer called')
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel the order' }).click()
  await expect(page.getByText('Cancelled').first()).toBeVisible()
  expect((await buyer.read(order.id)).state).toBe('cancelled')
  await requests.dispose()
})

test('a customer is found by mail address, and everything of theirs is on one page', async ({ visit }) => {
  const { person, orders } = scene()
  const page = await visit(placeNamed('admin-customers'))
  await page.keyboard.press('/')
  await page.keyboard.type(person.email)
  await expect(page.getByRole('row').filter({ hasText: person.email })).toHaveCount(1)
  await expect(page).toHaveURL(/robin-/)
  await page.reload()
  await page.getByRole('row').filter({ hasText: person.email }).getByRole('link').first().click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText(person.name)
  for (const part of [/delivered-/, /declined-/, /INV-/]) await expect(page.getByText(part).first()).toBeVisible()
  await page.locator(`a[href="/admin/orders/${orders.delivered}"]`).first().click()
  await expect(page.getByRole('heading', { level: 2, name: 'Timeline' })).toBeVisible()
})

test('a list is sorted and filtered in its address, and comes as CSV', async ({ visit }) => {
  const page = await visit(placeNamed('admin-orders'))
  await page
    .getByRole('columnheader', { name: /^Total/ })
    .getByRole('button')
    .click()
  await expect(page).toHaveURL(/sort/)
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: /CSV/ }).click()
  expect((await download).suggestedFilename()).toMatch(/\.csv$/)
})

test('the connection of a server is tested, and the invariants hold', async ({ visit }) => {
  const page = await visit(placeNamed('admin-servers'))
  await page.getByRole('button', { name: 'Test connection' }).first().click()
  await expect(page.getByText('The connection works. Nothing was changed there.')).toBeVisible()
  await page.goto('/admin/invariants')
  await expect(page.getByText('All rules hold')).toBeVisible()
})
