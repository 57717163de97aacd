import type { Page } from '@playwright/test'
import { Desk, type Subscription } from '../support/desk'
import { ADDRESS, CARDS, hosting, newName, newPerson, type Person, Shop } from '../support/shop'
import { expect, settled, test } from '../support/test'

/** Time that passes for everybody: last of all, and one after the other. */

test.describe.configure({ mode: 'serial' })
test.setTimeout(400_000)

const dialog = (page: Page) => page.getByRole('dialog')

interface Keeper {
  person: Person
  kept: Subscription
}

async function keeper(shop: Shop, card: string): Promise<Keeper> {
  const person = await shop.customer({ person: { ...newPerson(), name: `Kim ${newName('k').slice(2, 9)}` } })
  await shop.saveCard(card)
  await shop.delivered({ ...hosting(newName('kept'), 'own'), plan: 'starter' } as ReturnType<typeof hosting>)
  const { items } = await shop.call<{ items: Subscription[] }>('GET', '/subscriptions/?status=active')
  return { person, kept: await shop.call('GET', `/subscriptions/${items[0]?.id}`) }
}

async function as(page: Page, person: Person, path: string): Promise<void> {
  await page.context().clearCookies()
  await new Shop(page.request).login(person)
  await page.goto(path)
  await settled(page)
}

async function asStaff(page: Page, path: string): Promise<void> {
  await page.context().clearCookies()
  await new Shop(page.request).staff()
  await page.goto(path)
}

let good: Keeper
let poor: Keeper
let late: Keeper

test('the clock goes 32 days ahead, and says so', async ({ page, shop, playwright, baseURL }) => {
  const fresh = async () => new Shop(await playwright.request.newContext({ baseURL }))
  good = await keeper(shop, CARDS.fine)
  poor = await keeper(await fresh(), CARDS.dry)
  late = await lateBiller(await fresh())
  await asStaff(page, '/admin/clock')
  // By the shop's clock: when all of this is tried again, that has been ahead before.
  const { now } = await shop.call<{ now: string }>('GET', '/company')
  const until = new Date(Date.parse(now) + 32 * 86_400_000).toISOString().slice(0, 10)
  await page.getByLabel('To a date').fill(until)
  await page.getByRole('button', { name: 'Move to it' }).dblclick()
  await expect(page.getByRole('progressbar', { name: 'Progress of the clock' })).toBeVisible()
  await expect(page.getByText('There', { exact: true })).toBeVisible({ timeout: 300_000 })
  await expect(page.getByText(/^(31 days 23 h|32 days|6[34] days|9[56] days)/)).toBeVisible()
})

/** Somebody without an address: set aside, also when it is known. */
async function lateBiller(shop: Shop): Promise<Keeper> {
  const desk = await Desk.open()
  const person = await shop.customer({ person: { ...newPerson(), name: `Kim ${newName('k').slice(2, 9)}` }, complete: false })
  const kept = await desk.keeps(await shop.customerId())
  await desk.run()
  await shop.call('PUT', '/customers/me/address', ADDRESS)
  await desk.close()
  return { person, kept }
}

test('what fell due was invoiced and charged to the card', async ({ page }) => {
  await as(page, good.person, `/subscriptions/${good.kept.id}`)
  const periods = page.getByRole('table', { name: 'Periods and invoices' })
  await expect(periods.getByRole('row')).toHaveCount(3)
  await expect(periods.getByText('Paid', { exact: true })).toHaveCount(2)
  await expect(page.getByText(/in \d+ days/).first()).toBeVisible()
  await page.goto('/dashboard')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
})

test('a card that was declined is told of, with the day of the next try', async ({ page }) => {
  await as(page, poor.person, '/payment-methods')
  const notice = page.getByRole('status').filter({ hasText: 'A charge was declined' })
  await expect(notice).toContainText('$29.00')
  // The journey may end while a try is under way: it is seen once its outcome is there.
  await expect(async () => {
    await page.reload()
    await expect(notice).toContainText(/We try again .*(today|tomorrow|in \d+ days)\./, { timeout: 3000 })
  }).toPass({ timeout: 60_000 })
  await notice.getByRole('link', { name: 'Pay now' }).click()
  await expect(page.getByRole('button', { name: 'Pay $29.00' })).toBeVisible()
})

test('what was set aside a month ago still waits for staff, and is billed when they say so', async ({ page }) => {
  await asStaff(page, '/admin/billing-runs')
  const row = page.getByRole('table', { name: 'Set aside' }).getByRole('row', { name: late.person.name })
  await expect(row).toBeVisible()
  await row.getByRole('button', { name: 'Bill it again' }).click()
  await dialog(page)
    .getByLabel(/^Reason/)
    .fill('The address is known')
  await dialog(page).getByRole('button', { name: 'Bill it again', exact: true }).dblclick()
  await expect(dialog(page)).toHaveCount(0)
  await page.getByRole('button', { name: 'Run now' }).click()
  await dialog(page).getByRole('button', { name: 'Start the run' }).dblclick()
  await expect(page).toHaveURL(/\/admin\/billing-runs\/[0-9a-f-]{36}$/)
  await expect(page.getByRole('main').getByText('Done', { exact: true }).first()).toBeVisible()
  const lines = page.getByRole('table', { name: 'What it did to whom' }).getByRole('row', { name: late.person.name })
  await expect(lines.first()).toContainText('$29.00')
})

test('a run has a page of its own: by itself, at night', async ({ page }) => {
  await asStaff(page, '/admin/billing-runs')
  const row = page.getByRole('row').filter({ hasText: 'System' }).first()
  await row.getByRole('link').first().click()
  // Whom it billed first depends on who bought first: the page shows some at a time.
  const first = page.getByRole('table', { name: 'What it did to whom' }).getByRole('row').nth(1)
  await expect(first).toContainText(/INV-\d{4}-\d{6}/)
  await expect(first).toContainText(/\$\d+\.\d{2}/)
})
