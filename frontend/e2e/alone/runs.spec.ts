import type { Page } from '@playwright/test'
import { Desk } from '../support/desk'
import { ADDRESS, newName, newPerson, type Shop } from '../support/shop'
import { system } from '../support/system'
import { expect, settled, test } from '../support/test'

/** Billing runs by hand: they bill whoever is due and halt each other, so they run where nobody else is billed. */

test.describe.configure({ mode: 'serial' })

const dialog = (page: Page) => page.getByRole('dialog')

async function confirm(page: Page, button: string, reason: string): Promise<void> {
  await dialog(page)
    .getByLabel(/^Reason/)
    .fill(reason)
  await dialog(page).getByRole('button', { name: button, exact: true }).dblclick()
  await expect(dialog(page)).toHaveCount(0)
}

async function newcomer(shop: Shop, complete = true): Promise<{ name: string; id: string }> {
  const name = `Kim ${newName('k').slice(2, 9)}`
  await shop.customer({ person: { ...newPerson(), name }, complete })
  return { name, id: await shop.customerId() }
}

async function start(page: Page, most?: string): Promise<void> {
  await page.goto('/admin/billing-runs')
  await page.getByRole('button', { name: 'Run now' }).click()
  if (most)
    await dialog(page)
      .getByLabel(/^Stop after about/)
      .fill(most)
  await dialog(page).getByRole('button', { name: 'Start the run' }).dblclick()
  await expect(page).toHaveURL(/\/admin\/billing-runs\/[0-9a-f-]{36}$/)
}

const badge = (page: Page, word: string) => page.getByRole('main').getByText(word, { exact: true }).first()

test('a run is looked at, started, and says what it did to whom', async ({ page, shop, visit }) => {
  const desk = await Desk.open()
  const { name, id } = await newcomer(shop)
  // Halted, none starts by itself between the look and the press.
  await halt(desk, id)
  await desk.keeps(id)
  await page.context().clearCookies()
  await visit({ name: 'runs', path: '/admin/billing-runs', as: 'staff' })
  await expect(page.getByText('Runs are halted')).toBeVisible()
  await page.getByRole('button', { name: 'Run now' }).click()
  await expect(dialog(page).getByText(/^It would bill \d+ periods?, 0 with nothing to pay/)).toBeVisible()
  await expect(dialog(page).getByRole('table', { name: 'Invoices by currency' })).toContainText('USD')
  await dialog(page).getByRole('button', { name: 'Start the run' }).dblclick()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Billing run of')
  await expect(badge(page, 'Done')).toBeVisible()
  const line = page.getByRole('table', { name: 'What it did to whom' }).getByRole('row', { name }).first()
  await expect(line).toContainText('$29.00')
  await line.getByRole('link', { name: /^INV-/ }).click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText(/^INV-/)
  await page.goto('/admin/billing-runs')
  await settled(page)
  await expect(page.getByText('Runs are halted')).toHaveCount(0)
  await page.getByRole('button', { name: 'Run now' }).click()
  await expect(dialog(page).getByText('Nothing is due: a run would find nothing to do.')).toBeVisible()
  await desk.close()
})

/** By a run that reaches its limit. */
async function halt(desk: Desk, customer: string): Promise<void> {
  for (let count = 0; count < 3; count += 1) await desk.keeps(customer)
  await desk.run({ max_lines: 1 })
}

test('a run with a limit stops there, and all others wait for somebody', async ({ page, shop, visit }) => {
  const desk = await Desk.open()
  const { id } = await newcomer(shop)
  for (let count = 0; count < 5; count += 1) await desk.keeps(id)
  await page.context().clearCookies()
  await visit({ name: 'runs', path: '/admin/billing-runs', as: 'staff' })
  await start(page, '1')
  await expect(badge(page, 'Stopped')).toBeVisible()
  await expect(page.getByText('It reached the limit that it was given.')).toBeVisible()
  await page.goto('/admin/billing-runs')
  await expect(page.getByText('Runs are halted')).toBeVisible()
  await start(page)
  await expect(badge(page, 'Done')).toBeVisible()
  await desk.close()
})

test('a run is stopped by hand, with a reason', async ({ page, shop, visit }) => {
  const desk = await Desk.open()
  const { id } = await newcomer(shop)
  await desk.keeps(id)
  await page.context().clearCookies()
  await visit({ name: 'runs', path: '/admin/billing-runs', as: 'staff' })
  // Nobody works while it is looked at, or it would be over before it can be stopped.
  const { worker } = system().pids
  process.kill(worker as number, 'SIGSTOP')
  try {
    await start(page)
    await expect(badge(page, 'Running')).toBeVisible()
    await page.getByRole('button', { name: 'Stop the run' }).click()
    await confirm(page, 'Stop the run', 'The price is wrong')
    await expect(badge(page, 'Stopped')).toBeVisible()
    await expect(page.getByText(/^The price is wrong · /)).toBeVisible()
    await expect(page.getByText('It was stopped before it billed anything.')).toBeVisible()
  } finally {
    process.kill(worker as number, 'SIGCONT')
  }
  await start(page)
  await expect(badge(page, 'Done')).toBeVisible()
  await expect(page.getByRole('table', { name: 'What it did to whom' })).toBeVisible()
  await desk.close()
})

test('what cannot be billed is set aside with its reason, mended, and billed', async ({ page, shop, visit }) => {
  const desk = await Desk.open()
  const { name, id } = await newcomer(shop, false)
  const kept = await desk.keeps(id)
  await desk.run()
  await shop.call('PUT', '/customers/me/address', ADDRESS)
  await page.context().clearCookies()
  await visit({ name: 'runs', path: '/admin/billing-runs', as: 'staff' })
  const row = page.getByRole('table', { name: 'Set aside' }).getByRole('row', { name })
  await expect(row).toContainText('The customer has no address')
  await page.goto(`/admin/subscriptions/${kept.id}`)
  await expect(page.getByText('Set aside by the billing run')).toBeVisible()
  await page.getByRole('button', { name: 'Bill it again' }).click()
  await confirm(page, 'Bill it again', 'The address is known')
  await expect(page.getByText('Set aside by the billing run')).toHaveCount(0)
  await page.goto('/admin/billing-runs')
  await settled(page)
  await expect(row).toHaveCount(0)
  await start(page)
  await expect(page.getByRole('table', { name: 'What it did to whom' }).getByRole('row', { name })).toContainText('$29.00')
  await desk.close()
})

test('what is set aside is billed again from the list', async ({ page, shop, visit }) => {
  const desk = await Desk.open()
  const { name, id } = await newcomer(shop, false)
  await desk.keeps(id)
  await desk.run()
  await shop.call('PUT', '/customers/me/address', ADDRESS)
  await page.context().clearCookies()
  await visit({ name: 'runs', path: '/admin/billing-runs', as: 'staff' })
  const row = page.getByRole('table', { name: 'Set aside' }).getByRole('row', { name })
  await row.getByRole('button', { name: 'Bill it again' }).click()
  await confirm(page, 'Bill it again', 'The address is known')
  await expect(row).toHaveCount(0)
  await start(page)
  await expect(page.getByRole('table', { name: 'What it did to whom' }).getByRole('row', { name })).toContainText('$29.00')
  await desk.close()
})
