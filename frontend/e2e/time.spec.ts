import type { Page } from '@playwright/test'
import { Desk, type Subscription } from './support/desk'
import { payBy } from './support/pages'
import { CARDS, hosting, newName, newPerson, type Person, type Shop } from './support/shop'
import { expect, settled, test } from './support/test'
import { bankRefuses, mailbox } from './support/vendors'

/** What time does to what is kept, as far as no clock has to be moved for it: prices that rise, pauses, ends, charges that fail. */

const dialog = (page: Page) => page.getByRole('dialog')
const today = () => new Date().toISOString().slice(0, 10)
const later = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

async function buys(shop: Shop, plan: string): Promise<{ person: Person; kept: Subscription }> {
  const person = await shop.customer({ person: { ...newPerson(), name: `Kim ${newName('k').slice(2, 9)}` } })
  await shop.delivered({ ...hosting(newName('kept'), 'own'), plan } as ReturnType<typeof hosting>)
  const { items } = await shop.call<{ items: Subscription[] }>('GET', '/subscriptions/?status=active')
  return { person, kept: await shop.call('GET', `/subscriptions/${items[0]?.id}`) }
}

async function confirm(page: Page, button: string, reason = 'Asked for by phone'): Promise<void> {
  await dialog(page)
    .getByLabel(/^Reason/)
    .fill(reason)
  await dialog(page).getByRole('button', { name: button, exact: true }).dblclick()
  await expect(dialog(page)).toHaveCount(0)
}

async function as(page: Page, shop: Shop, person: Person, path: string): Promise<void> {
  await page.context().clearCookies()
  await shop.login(person)
  await page.goto(path)
  await settled(page)
}

test('a price rise is looked at, announced, told to who pays it, and withdrawn', async ({ page, shop, visit }) => {
  const desk = await Desk.open()
  const plan = await desk.plan(0, 1200)
  const { person, kept } = await buys(shop, plan.code)
  await desk.reprice(plan.code, 1500)
  await visit({ name: 'plan', path: `/admin/plans/${plan.id}`, as: 'staff' })
  await page.getByRole('button', { name: 'Move older payers' }).click()
  await expect(dialog(page).getByText('1 subscription would be told, the oldest first.')).toBeVisible()
  const touched = dialog(page).getByRole('table', { name: 'Whom it touches' }).getByRole('row', { name: person.name })
  await expect(touched).toContainText('$12.00')
  await expect(touched).toContainText('$15.00')

  await dialog(page)
    .getByLabel(/^Not before/)
    .fill(later(3))
  await expect(
    dialog(page)
      .getByText(/30 days/)
      .nth(1),
  ).toBeVisible()
  await dialog(page)
    .getByLabel(/^Not before/)
    .fill(later(40))
  await expect(touched).toBeVisible()
  await dialog(page)
    .getByLabel(/^Reason/)
    .fill('Power costs more')
  await dialog(page).getByRole('button', { name: 'Announce the new price' }).dblclick()
  await expect(dialog(page).getByText('1 subscription was told')).toBeVisible()
  await dialog(page).getByRole('button', { name: 'Close' }).last().click()
  await mailbox.mail(person.email, (mail) => mail.text.includes('15.00'), 'that the price rises')

  await as(page, shop, person, `/subscriptions/${kept.id}`)
  const told = page.getByRole('status').filter({ hasText: 'The price changes' })
  await expect(told).toContainText('$15.00 instead of $12.00')

  await page.context().clearCookies()
  await visit({ name: 'subscription', path: `/admin/subscriptions/${kept.id}`, as: 'staff' })
  await expect(page.getByText('A new price is announced')).toBeVisible()
  await page.getByRole('button', { name: 'Withdraw', exact: true }).click()
  await confirm(page, 'Withdraw')
  await expect(page.getByText('A new price is announced')).toHaveCount(0)
  await as(page, shop, person, `/subscriptions/${kept.id}`)
  await expect(told).toHaveCount(0)
  await desk.close()
})

test('the calendar counts the renewal on its day, and leads to who is renewed', async ({ page, shop, visit }) => {
  const desk = await Desk.open()
  const plan = await desk.plan(0, 1300)
  const { kept } = await buys(shop, plan.code)
  const on = kept.next_bill_on ?? ''
  await visit({ name: 'calendar', path: '/admin/billing-calendar', as: 'staff' })
  await expect(page.getByRole('textbox', { name: 'From' })).toHaveValue(today())
  await page.getByRole('textbox', { name: 'From' }).fill(on)
  await page.getByRole('textbox', { name: 'To', exact: true }).fill(on)
  const day = page.getByRole('region', { name: on })
  await day.getByRole('link', { name: /^Renewals to invoice/ }).click()
  await expect(page).toHaveURL(`/admin/subscriptions?from=${on}&until=${on}`)
  await expect(page.getByRole('row').filter({ hasText: plan.name })).toContainText('$13.00')
  await desk.close()
})

test('a customer pauses and resumes; staff pauses to a day, and the customer sees it', async ({ page, shop, visit }) => {
  const { person, kept } = await buys(shop, 'starter')
  const path = `/subscriptions/${kept.id}`
  await page.goto(path)
  await page.getByRole('button', { name: 'Pause', exact: true }).click()
  await dialog(page)
    .getByLabel(/^Goes on by itself on/)
    .fill(later(99))
  await dialog(page).getByRole('button', { name: 'Pause it' }).click()
  await expect(dialog(page).locator('[aria-invalid=true], [role=alert]').first()).toBeVisible()
  await dialog(page)
    .getByLabel(/^Goes on by itself on/)
    .fill(later(10))
  await dialog(page).getByRole('button', { name: 'Pause it' }).dblclick()
  const resting = page.getByRole('status').filter({ hasText: 'It rests' })
  await expect(resting).toContainText('in 10 days')
  await resting.getByRole('button', { name: 'Resume now' }).dblclick()
  await expect(resting).toHaveCount(0)
  await expect(page.getByText('Active', { exact: true })).toBeVisible()

  await page.context().clearCookies()
  await visit({ name: 'subscription', path: `/admin/subscriptions/${kept.id}`, as: 'staff' })
  await page.getByRole('button', { name: 'Pause', exact: true }).click()
  await dialog(page)
    .getByLabel(/^Goes on by itself on/)
    .fill(later(5))
  await confirm(page, 'Pause it')
  await expect(page.getByRole('alert', { name: 'It rests' })).toContainText('in 5 days')
  await as(page, shop, person, path)
  await expect(resting).toContainText('in 5 days')
  await page.context().clearCookies()
  await visit({ name: 'subscription', path: `/admin/subscriptions/${kept.id}`, as: 'staff' })
  await page.getByRole('button', { name: 'Resume', exact: true }).click()
  await confirm(page, 'Resume')
  await expect(page.getByText('Active', { exact: true })).toBeVisible()
})

test('staff cancels for the end, takes it back, makes it cheaper at once, and ends it with credit', async ({ page, shop, visit }) => {
  const { person, kept } = await buys(shop, 'professional')
  const path = `/admin/subscriptions/${kept.id}`
  await visit({ name: 'subscription', path, as: 'staff' })
  await page.getByRole('button', { name: 'Cancel', exact: true }).click()
  await confirm(page, 'Cancel for the end')
  await expect(page.getByText('Cancelled for the end', { exact: true })).toBeVisible()
  await page.getByRole('button', { name: 'Take the cancellation back' }).click()
  await confirm(page, 'Take the cancellation back')
  await expect(page.getByText('Cancelled for the end', { exact: true })).toHaveCount(0)

  await page.getByRole('link', { name: 'Change', exact: true }).click()
  await page.getByLabel('Plan').selectOption('starter')
  await page.getByRole('checkbox', { name: 'A cheaper choice takes effect at once' }).check()
  const result = page.getByRole('region', { name: 'What it costs' })
  await expect(result.getByText('$29.00').first()).toBeVisible()
  await result.getByLabel(/^Reason/).fill('Sold too much')
  await result.getByRole('button', { name: 'Change now' }).dblclick()
  await expect(page.getByRole('heading', { level: 1, name: 'Starter' })).toBeVisible()

  await page.getByRole('button', { name: 'Cancel', exact: true }).click()
  await dialog(page).getByRole('radio', { name: 'Now' }).check()
  await expect(dialog(page).getByText(/^At most \$\d+\.\d\d at the listed price$/)).toBeVisible()
  await confirm(page, 'End it now')
  await expect(page.getByText('Ended', { exact: true }).first()).toBeVisible()
  await as(page, shop, person, '/credit')
  const { balances } = await shop.call<{ balances: { free: { amount: number } }[] }>('GET', '/credit')
  expect(balances[0]?.free.amount).toBeGreaterThan(0)
  await as(page, shop, person, '/subscriptions')
  await expect(page.getByText('Nothing more')).toBeVisible()
})

for (const [card, title, button] of [
  [CARDS.dry, 'A charge was declined', 'Pay now'],
  [CARDS.debit, 'Your bank wants you to confirm a charge', 'Confirm and pay'],
] as const) {
  test(`a saved card fails (${title}): the customer is told why, and pays`, async ({ page, shop }) => {
    const desk = await Desk.open()
    const person = await shop.customer()
    await shop.saveCard(card)
    if (card === CARDS.debit) await bankRefuses(card, 'authentication_required')
    const kept = await desk.keeps(await shop.customerId())
    await desk.run()
    await page.goto('/payment-methods')
    const notice = page.getByRole('status').filter({ hasText: title })
    await expect(async () => {
      await page.reload()
      await expect(notice).toBeVisible({ timeout: 2000 })
    }).toPass()
    await expect(notice).toContainText('$29.00')
    await mailbox.mail(
      person.email,
      (mail) => mail.links.some((link) => link.includes('/pay/') || link.includes('/invoices/')),
      'that it could not be charged',
    )
    await notice.getByRole('link', { name: button }).click()
    await page.getByRole('button', { name: 'Pay $29.00' }).click()
    await expect(page).toHaveURL(/\/c\/pay\//)
    await payBy(page, CARDS.fine)
    await expect(page.getByText('Paid', { exact: true }).first()).toBeVisible()
    await page.goto('/payment-methods')
    await settled(page)
    await expect(notice).toHaveCount(0)
    await expect.poll(async () => (await desk.subscription(kept.id)).status).toBe('active')
    await desk.close()
  })
}

test('without a card what falls due is said to wait, and not to be declined', async ({ page, shop }) => {
  const desk = await Desk.open()
  await shop.customer()
  await desk.keeps(await shop.customerId())
  await desk.run()
  await page.goto('/payment-methods')
  await expect(async () => {
    await page.reload()
    await expect(page.getByText('There is no card to charge')).toBeVisible({ timeout: 2000 })
  }).toPass()
  await expect(page.getByText('$29.00 falls due, and nothing was charged.')).toBeVisible()
  await expect(page.getByText('A charge was declined')).toHaveCount(0)
  await desk.close()
})
