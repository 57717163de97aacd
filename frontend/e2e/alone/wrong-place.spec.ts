import { Desk } from '../support/desk'
import { hosting, newName, newPerson, Shop } from '../support/shop'
import { expect, settled, test } from '../support/test'

/** The shop's sales cross the Union's threshold between an order and its invoice. What was crossed stays crossed: last of all. */

const DAMRAK = { line_1: 'Damrak 1', line_2: '', city: 'Amsterdam', state: '', postal_code: '1012 LG', country: 'NL' }

test('a sale that was promised at home and invoiced beyond the threshold waits for staff', async ({ page, shop }) => {
  const name = `Kim ${newName('k').slice(2, 9)}`
  await shop.customer({ person: { ...newPerson(), name }, complete: false })
  await shop.call('PATCH', '/customers/me', { phone: '+31205550123' })
  await shop.call('PUT', '/customers/me/address', DAMRAK)
  const desk = await Desk.open()
  await desk.setThreshold(10_000_000)
  const order = await shop.order(hosting(newName('home'), 'own'))
  await desk.crossThreshold()
  await desk.close()
  await shop.pay(order)
  await shop.until(order.id, ({ state }) => state === 'completed', 'the order is delivered')

  await page.context().clearCookies() // sessions of the scene may have ended: the clock was moved
  await new Shop(page.request).staff()
  await page.goto('/admin/tax/tasks')
  const row = page.getByRole('row', { name })
  await expect(row).toContainText('Taxed at the wrong place')
  await expect(row).toContainText('Netherlands')
  await expect(row.getByRole('button', { name: 'Correct', exact: true })).toHaveCount(0)
  await expect(row.getByRole('link', { name: /^INV-/ })).toBeVisible()
  await row.getByRole('button', { name: 'Done', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(/^Reason/).fill('Told in the return of this quarter')
  await dialog.getByRole('button', { name: 'Done', exact: true }).dblclick()
  await expect(row).toHaveCount(0)
  await page.goto('/admin/tax/tasks?state=done')
  await settled(page)
  await expect(row).toContainText('Told in the return of this quarter')
})
