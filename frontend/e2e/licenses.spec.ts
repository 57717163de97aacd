import type { Locator, Page } from '@playwright/test'
import { panel } from './support/panel'
import { cookiesOf } from './support/sessions'
import { hosting, newName, type Order, type Shop } from './support/shop'
import { system } from './support/system'
import { expect, settled, test } from './support/test'

function licenseOf(order: Order): string {
  return order.lines.map((line) => line.result.license_id).find(Boolean) ?? ''
}

/** Somebody with a license of the plan Professional, logged in, and its key. */
async function licensee(shop: Shop): Promise<{ id: string; key: string; domain: string }> {
  await shop.customer()
  const domain = newName('license')
  const id = licenseOf(await shop.delivered(hosting(domain)))
  const { license_key: key } = await shop.call<{ license_key: string }>('POST', `/licenses/${id}/reveal`)
  return { id, key, domain }
}

async function asStaff(page: Page, path: string): Promise<void> {
  await page.context().clearCookies()
  await page.context().addCookies(await cookiesOf('staff'))
  await page.goto(path)
  await settled(page)
}

function bar(page: Page, resource: string): Locator {
  return page.getByRole('progressbar', { name: resource, exact: true })
}

/** Every dialog of staff's asks why. */
async function why(page: Page, text: string, submit: string): Promise<void> {
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(/^Reason/).fill(text)
  await dialog.getByRole('button', { name: submit }).dblclick()
  await expect(page.getByRole('dialog')).toHaveCount(0)
}

test('what the panel reports is seen as bars, history, figures and alerts', async ({ page, shop }) => {
  const { id, key, domain } = await licensee(shop)
  await page.goto(`/licenses/${id}`)
  await expect(page.getByText('No use so far')).toBeVisible()

  await panel.report(key, 'databases', 'created', 44)
  await panel.report(key, 'databases', 'deleted', 2)
  await panel.reserve(key, 'databases', 3)
  await page.reload()
  await expect(bar(page, 'Databases')).toHaveAttribute('aria-valuetext', '42 of 50 (90%)')
  await expect(page.getByText('Only 5 left · 3 are being made just now')).toBeVisible()
  const changes = page.getByRole('table', { name: /Databases/ }).getByRole('row')
  await expect(changes.last()).toContainText(/42.*44.*44.*2/)
  const figures = page.getByRole('table', { name: 'The last 30 days in figures' }).getByRole('row').filter({ hasText: 'Databases' })
  await expect(figures).toContainText(/44.*2.*44/)
  await expect(page.getByText('Databases reached 80%')).toBeVisible()

  await panel.report(key, 'databases', 'set', 52)
  await page.reload()
  await expect(page.getByText('Over the limit', { exact: true })).toBeVisible()
  await expect(page.getByText(/^2 over the limit\. What exists stays/)).toBeVisible()
  await page.getByText('90 days', { exact: true }).click()
  await expect(page.getByRole('table', { name: 'The last 90 days in figures' })).toBeVisible()

  await page.goto('/licenses')
  const row = page.getByRole('row').filter({ hasText: domain })
  await expect(row).toContainText(/Active.*Databases 52 \/ 50.*Over the limit/)
})

test('a new key is made once; from then on the old one is unknown', async ({ page, shop }) => {
  const { id, key } = await licensee(shop)
  await page.goto(`/licenses/${id}`)
  await page.getByRole('button', { name: 'Make a new key' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('The old key is refused at once')
  await dialog.getByRole('button', { name: 'Keep the old key' }).click()
  expect((await panel.validate(key)).valid).toBe(true)

  await page.getByRole('button', { name: 'Make a new key' }).click()
  await dialog.getByRole('button', { name: 'Make a new key' }).dblclick()
  await expect(dialog).toContainText('The new key is valid from now on')
  const made = (await dialog.locator('code').innerText()).trim()
  await dialog.getByRole('button', { name: 'I have copied it' }).click()
  expect(made).not.toBe(key)
  await expect(page.locator('code').filter({ hasText: made })).toBeVisible()
  expect(await panel.validate(made)).toMatchObject({ valid: true })
  expect(await panel.validate(key)).toMatchObject({ valid: false, reason: 'unknown_license' })
})

test('staff suspends a license and takes it back; panels and the owner see it at once', async ({ page, shop }) => {
  const { id, key } = await licensee(shop)
  const owner = await page.context().cookies()
  await asStaff(page, `/admin/licenses/${id}`)
  await page.getByRole('button', { name: 'Change the state' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Suspend' }).click()
  await expect(dialog.getByLabel(/^Reason/)).toHaveAttribute('aria-invalid', 'true')
  await dialog.getByLabel('Suspend for').selectOption('abuse')
  await why(page, 'reported by the abuse desk', 'Suspend')
  await expect(page.getByText('Suspended: Abuse.')).toBeVisible()
  await expect(page.getByText('reported by the abuse desk')).toBeVisible()
  expect(await panel.validate(key)).toMatchObject({ valid: false, reason: 'suspended' })

  await page.context().clearCookies()
  await page.context().addCookies(owner)
  await page.goto(`/licenses/${id}`)
  await expect(page.getByText('This service is suspended')).toBeVisible()
  await expect(page.getByText('We have received a report of abuse.')).toBeVisible()
  await expect(page.getByText('reported by the abuse desk')).toHaveCount(0)

  await asStaff(page, `/admin/licenses/${id}`)
  await page.getByRole('button', { name: 'Change the state' }).click()
  await expect(dialog.getByText('The license holds again')).toBeVisible()
  await why(page, 'the page is gone', 'Take a suspension back')
  await expect(page.getByText('Suspended: Abuse.')).toHaveCount(0)
  expect(await panel.validate(key)).toMatchObject({ valid: true })
})

test('to cancel for good, staff types the end of the key', async ({ page, shop }) => {
  const { id, key } = await licensee(shop)
  await asStaff(page, `/admin/licenses/${id}`)
  await page.getByRole('button', { name: 'Change the state' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('What to do').selectOption('cancelled')
  await dialog.getByLabel(/^Reason/).fill('the customer left')
  await dialog.getByRole('button', { name: 'Cancel for good' }).click()
  await expect(dialog.getByLabel(/^Type /)).toHaveAttribute('aria-invalid', 'true')
  expect((await panel.validate(key)).valid).toBe(true)
  await dialog.getByLabel(/^Type /).fill(key.split('-').at(-1) ?? '')
  await why(page, 'the customer left', 'Cancel for good')
  await expect(page.getByText('Cancelled for good.')).toBeVisible()
  expect(await panel.validate(key)).toMatchObject({ valid: false, reason: 'cancelled' })
})

test('a limit of its own holds at once, and is given back', async ({ page, shop }) => {
  const { id, key } = await licensee(shop)
  await asStaff(page, `/admin/licenses/${id}`)
  const open = page.getByRole('button', { name: 'Change limits and features' })
  await open.click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Limit of Databases').selectOption('own')
  await dialog.getByLabel('Number of Databases').fill('')
  await dialog.getByLabel(/^Reason/).fill('agreed by phone')
  await dialog.getByRole('button', { name: 'Save the limits' }).click()
  await expect(dialog.getByLabel('Number of Databases')).toHaveAttribute('aria-invalid', 'true')
  await dialog.getByLabel('Number of Databases').fill('60')
  await why(page, 'agreed by phone', 'Save the limits')
  await expect(page.getByText('0 of 60')).toBeVisible()
  await expect(page.getByText('Agreed for this license alone')).toBeVisible()
  expect(await panel.validate(key, 'create_database')).toMatchObject({ valid: true, remaining_quota: 60 })

  await open.click()
  await expect(dialog.getByLabel('Number of Databases')).toHaveValue('60')
  await dialog.getByLabel('Limit of Databases').selectOption('plan')
  await why(page, 'the month is over', 'Save the limits')
  await expect(page.getByText('0 of 50')).toBeVisible()
  expect(await panel.validate(key, 'create_database')).toMatchObject({ valid: true, remaining_quota: 50 })
})

test('a license is found by its key, extended, moved, and its key is seen with a reason', async ({ page, shop }) => {
  const { id, key } = await licensee(shop)
  await asStaff(page, `/admin/licenses?q=${key}`)
  const rows = page.getByRole('table', { name: 'Licenses' }).locator('tbody tr')
  await expect(rows).toHaveCount(1)
  await rows.getByRole('link').first().click()
  await expect(page).toHaveURL(`/admin/licenses/${id}`)

  await page.getByRole('button', { name: 'Extend', exact: true }).click()
  await page.getByRole('dialog').getByLabel('Valid until').fill('2031-05-17')
  await why(page, 'goodwill', 'Extend')
  await expect(page.getByText('May 17, 2031')).toBeVisible()

  const aside = page.getByRole('region', { name: 'About this license' })
  const before = (await aside.innerText()).includes('alpha') ? 'alpha' : 'beta'
  const after = before === 'alpha' ? 'beta' : 'alpha'
  await page.getByRole('button', { name: 'Move to another server' }).click()
  const option = page.getByRole('dialog').getByRole('option', { name: after })
  await page
    .getByRole('dialog')
    .getByLabel('Server')
    .selectOption((await option.getAttribute('value')) ?? '')
  await why(page, 'the old one is drained', 'Move to another server')
  await expect(aside.getByText(after)).toBeVisible()

  await page.getByRole('button', { name: 'Show the key' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(/^Reason/).fill('asked for by the owner')
  await dialog.getByRole('button', { name: 'Show the key' }).click()
  await expect(dialog.getByText(key)).toBeVisible()
  await dialog.getByRole('button', { name: 'Close' }).last().click()
  for (const reason of ['goodwill', 'the old one is drained', 'asked for by the owner']) await expect(page.getByText(reason).first()).toBeVisible()
})

test('the signing key is changed, and panels find the new one at the well-known address', async ({ page }) => {
  await asStaff(page, '/admin/signing-keys')
  const rows = page.getByRole('table', { name: 'Signing keys' }).locator('tbody tr')
  const before = await rows.count()
  await page.getByRole('button', { name: 'Change the key' }).click()
  await why(page, 'once a year', 'Change the key')
  await expect(rows).toHaveCount(before + 1)
  const { keys } = (await (await fetch(`${system().api}/.well-known/license-keys.json`)).json()) as { keys: { kid: string }[] }
  for (const { kid } of keys) await expect(rows.filter({ hasText: kid })).toHaveCount(1)
  expect(keys.length).toBeGreaterThan(before)
})
