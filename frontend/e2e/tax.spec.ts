import type { Page } from '@playwright/test'
import { Desk } from './support/desk'
import { hosting, newName, newPerson, type Shop } from './support/shop'
import { expect, settled, test } from './support/test'
import { viesDown } from './support/vendors'

/** What tax can't decide by itself, as staff settles it. */

const PARIS = { line_1: '1 rue de Rivoli', line_2: '', city: 'Paris', state: '', postal_code: '75001', country: 'FR' }
const DAMRAK = { line_1: 'Damrak 1', line_2: '', city: 'Amsterdam', state: '', postal_code: '1012 LG', country: 'NL' }

async function newcomer(shop: Shop, address: typeof PARIS, phone: string): Promise<string> {
  const name = `Kim ${newName('k').slice(2, 9)}`
  await shop.customer({ person: { ...newPerson(), name }, complete: false })
  await shop.call('PATCH', '/customers/me', { phone })
  await shop.call('PUT', '/customers/me/address', address)
  return name
}

async function close(page: Page, name: string, button: string, note: string): Promise<void> {
  const row = page.getByRole('row', { name })
  await row.getByRole('button', { name: button, exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: button, exact: true }).click()
  await expect(dialog.getByLabel(/^Reason/)).toHaveAttribute('aria-invalid', 'true')
  await dialog.getByLabel(/^Reason/).fill(note)
  await dialog.getByRole('button', { name: button, exact: true }).dblclick()
  await expect(row).toHaveCount(0)
}

for (const [button, state] of [
  ['Done', 'done'],
  ['Dismiss', 'dismissed'],
] as const) {
  test(`a buyer whose phone is elsewhere is a task: ${button}`, async ({ page, shop, visit }) => {
    const name = await newcomer(shop, DAMRAK, '+12175550123')
    await shop.delivered(hosting(newName('place'), 'own'))
    await visit({ name: 'tasks', path: '/admin/tax/tasks', as: 'staff' })
    const row = page.getByRole('row', { name })
    await expect(row).toContainText('Locations contradict each other')
    await expect(row).toContainText('Charged for: Netherlands')
    await expect(row).toContainText('Phone number: United States')
    await close(page, name, button, 'They moved last week')
    await page.goto(`/admin/tax/tasks?state=${state}`)
    await settled(page)
    await expect(row).toContainText('They moved last week')
    await expect(row.getByRole('button')).toHaveCount(0)
  })
}

test('an id that the register confirms late is asked for by hand, and its invoice corrected', async ({ page, shop, visit }) => {
  const desk = await Desk.open()
  await desk.taxPolicy('task')
  await viesDown('FR', true)
  const name = await newcomer(shop, PARIS, '+33142685300')
  await shop.call('PATCH', '/customers/me', { status: 'business', tax_id: 'FR40303265045', company: name })
  const state = async () => (await shop.call<{ state: string }>('GET', '/customers/me/tax-id')).state
  await expect.poll(state, { message: 'the register does not answer' }).toBe('unavailable')
  await page.goto('/settings/profile')
  await expect(page.getByText(/Register unavailable/)).toBeVisible()
  await shop.delivered(hosting(newName('late'), 'own'))
  await viesDown('FR', false)
  const id = await shop.customerId()
  await visit({ name: 'customer', path: `/admin/customers/${id}`, as: 'staff' })
  await page.getByRole('button', { name: 'Ask VIES now' }).click()
  await expect(page.getByText('VIES is being asked.')).toBeVisible()
  const row = page.getByRole('row', { name })
  await expect(async () => {
    await page.goto('/admin/tax/tasks')
    await expect(row).toContainText('VAT id confirmed late', { timeout: 3000 })
  }).toPass()
  await row.getByRole('button', { name: 'Correct', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Correct', exact: true }).dblclick()
  await expect(row).toHaveCount(0)
  await page.goto('/admin/tax/tasks?state=done')
  await expect(row).toContainText(/Corrected by invoice INV-/)
  await row.getByRole('link', { name: /^INV-/ }).click()
  await expect(page.getByRole('table', { name: 'Credit notes' }).getByRole('row')).toHaveCount(2)
  await desk.taxPolicy('automatic')
  await desk.close()
})
