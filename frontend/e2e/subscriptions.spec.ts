import type { Page } from '@playwright/test'
import type { components } from '../src/api/schema'
import { payBy } from './support/pages'
import { CARDS, hosting, newName, type Shop } from './support/shop'
import { expect, settled, test } from './support/test'

type Subscription = components['schemas']['SubscriptionDetailBody']
type Preview = components['schemas']['ChangePreviewBody']

/** Somebody who keeps the smallest plan, logged in. */
async function keeper(shop: Shop): Promise<Subscription> {
  await shop.customer()
  await shop.delivered({ ...hosting(newName('kept'), 'own'), plan: 'starter' } as ReturnType<typeof hosting>)
  const { items } = await shop.call<{ items: Subscription[] }>('GET', '/subscriptions/?status=active')
  return shop.call('GET', `/subscriptions/${items[0]?.id}`)
}

function usd(amount: number): string {
  return `$${(amount / 100).toFixed(2)}`
}

function read(shop: Shop, id: string): Promise<Subscription> {
  return shop.call('GET', `/subscriptions/${id}`)
}

async function open(page: Page, path: string): Promise<void> {
  await page.goto(path)
  await settled(page)
}

test('a dearer plan costs what its preview says, to the unit, and is there once it is paid', async ({ page, shop }) => {
  const kept = await keeper(shop)
  const shown = await shop.call<Preview>('POST', `/subscriptions/${kept.id}/preview`, { plan: 'professional', addons: [], options: [] })
  await open(page, `/subscriptions/${kept.id}`)
  await page.getByRole('link', { name: 'Change', exact: true }).click()
  await page.getByLabel('Plan').selectOption('professional')
  await expect(page.getByText('It waits for its payment; until then all stays as it is.')).toBeVisible()
  const result = page.getByRole('region', { name: 'What it costs' })
  await expect(result.getByText(usd(shown.now.amount), { exact: true }).first()).toBeVisible()
  await expect(result.getByText(usd(shown.next_charge.amount), { exact: true }).first()).toBeVisible()
  await page.getByRole('button', { name: `Pay ${usd(shown.now.amount)}` }).click()
  await expect(page).toHaveURL(/\/c\/pay\//)
  await payBy(page, CARDS.fine)
  await expect(page).toHaveURL(new RegExp(`/subscriptions/${kept.id}`))
  await expect(page.getByRole('heading', { level: 1, name: 'Professional' })).toBeVisible({ timeout: 60_000 })
  await expect(page.getByText(/^Changed: Starter \$\d+\.\d\d → Professional \$\d+\.\d\d$/)).toBeVisible()
  const { items } = await shop.call<{ items: { total: { amount: number } }[] }>('GET', '/invoices/')
  expect(items.map((invoice) => invoice.total.amount)).toContain(shown.now.amount)
  expect((await read(shop, kept.id)).price.amount).toBe(shown.regular.amount)
})

test('a cheaper choice is scheduled for the end, and withdrawn', async ({ page, shop }) => {
  await shop.customer()
  await shop.delivered(hosting(newName('down'), 'own'))
  const { items } = await shop.call<{ items: Subscription[] }>('GET', '/subscriptions/?status=active')
  const id = items[0]?.id ?? ''
  await open(page, `/subscriptions/${id}/change`)
  await page.getByLabel('Plan').selectOption('starter')
  await page.getByRole('button', { name: 'Schedule the change' }).click()
  await expect(page.getByText('A change to Starter is scheduled')).toBeVisible()
  expect((await read(shop, id)).change_on).toBe(items[0]?.current_period_end)
  await page.getByRole('button', { name: 'Withdraw the change' }).click()
  await expect(page.getByText('A change to Starter is scheduled')).toHaveCount(0)
  expect((await read(shop, id)).change_on).toBeNull()
})

test('a cancellation for the end is taken back, and one for now says what comes back', async ({ page, shop }) => {
  const kept = await keeper(shop)
  await open(page, `/subscriptions/${kept.id}`)
  await page.getByRole('button', { name: 'Cancel', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Why are you leaving?').fill('Moving to another host')
  await dialog.getByRole('button', { name: 'Cancel for the end' }).dblclick()
  await expect(dialog).toHaveCount(0)
  await expect(page.getByText('Everything runs until')).toBeVisible()
  expect((await read(shop, kept.id)).cancel_on).toBe(kept.current_period_end)
  await page.getByRole('button', { name: 'Keep it after all' }).click()
  await expect(page.getByText('Everything runs until')).toHaveCount(0)
  expect((await read(shop, kept.id)).cancel_on).toBeNull()

  await page.getByRole('button', { name: 'Cancel', exact: true }).click()
  await dialog.getByLabel('Now').check()
  await expect(dialog.getByText(`Unused days worth ${usd(kept.unused?.amount ?? 0)}`)).toBeVisible()
  await dialog.getByRole('button', { name: 'End it now' }).click()
  await expect(page.getByText('It is over')).toBeVisible()
  expect((await read(shop, kept.id)).status).toBe('ended')
})

async function saveCard(page: Page, number: string): Promise<void> {
  await page.getByRole('checkbox', { name: /I agree that this card is kept/ }).check()
  await page.getByRole('button', { name: 'Go on to the card' }).click()
  await expect(page).not.toHaveURL(/\/payment-methods/)
  await page.getByLabel('Card number').fill(number)
  await page.getByLabel('Expires (MM/YY)').fill('12/34')
  await page.getByLabel('CVC').fill('123')
  await page.locator('button[value=pay]').click()
  await expect(page).toHaveURL(/\/payment-methods\?setup=/)
  await expect(page.getByText('Your card is saved')).toBeVisible()
}

test('cards are saved, made the default and removed; the last one asks', async ({ page, shop }) => {
  await shop.customer()
  await open(page, '/payment-methods')
  await page.getByRole('button', { name: 'Go on to the card' }).click()
  await expect(page.getByText('Please agree, so that the card may be kept.')).toBeVisible()
  await saveCard(page, CARDS.fine)
  const first = page.getByRole('region', { name: 'Visa •••• 4242' })
  await expect(first.getByText('Default', { exact: true })).toBeVisible()
  await saveCard(page, '5555555555554444')
  const second = page.getByRole('region', { name: 'Mastercard •••• 4444' })
  await second.getByRole('button', { name: 'Make Mastercard •••• 4444 the default' }).click()
  await expect(second.getByText('Default', { exact: true })).toBeVisible()
  await expect(first.getByText('Default', { exact: true })).toHaveCount(0)

  await first.getByRole('button', { name: 'Remove Visa •••• 4242' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click()
  await expect(first).toHaveCount(0)
  await second.getByRole('button', { name: 'Remove Mastercard •••• 4444' }).click()
  await expect(page.getByText('This is your last card')).toBeVisible()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove it and pay by invoice' }).click()
  await expect(page.getByRole('heading', { name: 'Save a card' })).toBeVisible()
  const { items } = await shop.call<{ items: unknown[] }>('GET', '/payments/methods')
  expect(items).toEqual([])
})
