import { randomBytes } from 'node:crypto'
import type { Page } from '@playwright/test'
import { placeNamed, placeNames } from './support/scene'
import { Shop } from './support/shop'
import { expect, settled, test } from './support/test'

interface Sold {
  id: string
  state: string
  code: string
  prices: { price: { amount: number; currency: string }; version: number }[]
}

const newCode = (beginning: string) => `${beginning}-${randomBytes(4).toString('hex')}`
const dialog = (page: Page) => page.getByRole('dialog')

async function confirm(page: Page, button: string | RegExp, reason = 'told by the test'): Promise<void> {
  await dialog(page)
    .getByLabel(/^Reason/)
    .fill(reason)
  await dialog(page).getByRole('button', { name: button }).click()
}

// Sold in euro only: the other stories buy and look in dollars.
test('staff makes a plan, prices it, looks at what customers will see, sells and withdraws it', async ({ visit }) => {
  const code = newCode('harbor')
  const page = await visit({ name: 'plans', path: '/admin/plans', as: 'staff' })
  const staff = new Shop(page.request)
  await page.getByRole('link', { name: 'New plan' }).click()
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Harbor')
  await page.getByLabel(/^Code/).fill('Not a code')
  await page.getByRole('button', { name: 'Make the draft' }).click()
  await expect(page.getByLabel(/^Code/)).toHaveAttribute('aria-invalid', 'true')
  await expect(page.getByLabel(/^Code/)).toBeFocused()
  await page.getByLabel(/^Code/).fill(code)
  await page.getByLabel('Number: Databases').fill('7')
  await page.getByRole('checkbox', { name: 'Free SSL' }).check()
  await page.getByLabel(/^Days without charge/).fill('14')
  await page.getByRole('button', { name: 'Make the draft' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Harbor')
  await expect(page.getByText('Draft', { exact: true })).toBeVisible()
  const id = new URL(page.url()).pathname.split('/').at(-1) ?? ''

  for (const [amount, setup] of [
    ['12.50', '5'],
    ['15', ''],
  ] as const) {
    await page.getByRole('button', { name: 'New price', exact: true }).click()
    await dialog(page).getByLabel('Currency').selectOption('EUR')
    await dialog(page)
      .getByLabel(/^Price/)
      .fill(amount)
    await dialog(page).getByLabel('Setup fee').fill(setup)
    await dialog(page).getByLabel('Costs you').fill('5')
    await expect(dialog(page).getByText('Nobody pays for this cycle in this currency yet')).toBeVisible()
    await confirm(page, 'Add this price')
    await expect(dialog(page)).toHaveCount(0)
  }
  const prices = page.getByRole('table', { name: 'Prices' })
  await expect(prices.getByRole('row')).toHaveCount(2)
  await expect(prices.getByText('€15.00')).toBeVisible()
  await page.getByLabel('1 former version').click()
  await expect(prices.getByText('€12.50')).toBeVisible()

  await page.getByLabel('In which currency').selectOption('EUR')
  const card = page.getByRole('region', { name: 'Harbor' })
  await expect(card.getByText('€15.00')).toBeVisible()
  await expect(card.getByText('7 databases')).toBeVisible()
  await expect(page.getByText(/14 days free trial/)).toBeVisible()

  await page.getByRole('button', { name: 'Put on sale' }).click()
  await confirm(page, 'Put on sale')
  await expect(page.getByText('On sale', { exact: true })).toBeVisible()
  const { items } = await staff.call<{ items: { code: string }[] }>('GET', '/plans?currency=EUR')
  expect(items.map((plan) => plan.code)).toContain(code)

  await page.getByRole('button', { name: 'Set', exact: true }).click()
  await dialog(page).getByLabel('No end to it').uncheck()
  await dialog(page)
    .getByLabel(/^Still to be ordered/)
    .fill('5')
  await confirm(page, 'Set the stock')
  await expect(page.getByText('0 / 5')).toBeVisible()

  await page.getByRole('button', { name: 'Withdraw' }).click()
  await confirm(page, 'Withdraw', 'the season is over')
  await expect(page.getByText('Withdrawn', { exact: true })).toBeVisible()
  await expect(page.getByText('the season is over')).toBeVisible()
  const plan = await staff.call<Sold>('GET', `/admin/plans/${id}`)
  expect([plan.state, plan.prices.map(({ price }) => price.amount).sort()]).toEqual(['withdrawn', [1250, 1500]])
})

test('before a price is kept, whom it touches: they keep theirs', async ({ visit }) => {
  const page = await visit(placeNamed('admin-plan'))
  await page.getByRole('button', { name: /^New version of the price for a month in USD/ }).click()
  await dialog(page)
    .getByLabel(/^Price/)
    .fill('119')
  await expect(dialog(page).getByText(/pays? an earlier version of this price/)).toBeVisible()
  await expect(dialog(page).getByText('They keep their price. Nothing changes for them until they are moved.')).toBeVisible()
  await expect(dialog(page).locator('[aria-busy=false]', { has: page.getByRole('table') })).toBeVisible()
  // Version, subscriptions, before, after, difference: of all of a row together.
  const [, payers = '', , , difference = ''] = await dialog(page).getByRole('row').nth(1).getByRole('cell').allInnerTexts()
  expect(Number(payers)).toBeGreaterThan(0)
  expect(difference).toBe(`$${20 * Number(payers)}.00`)
  await dialog(page).getByRole('button', { name: 'Go back' }).click()
  const { prices } = await new Shop(page.request).call<Sold>('GET', `/admin/plans/${new URL(page.url()).pathname.split('/').at(-1)}`)
  expect(prices.filter(({ price }) => price.amount === 11900)).toEqual([])
})

test('a coupon is made, shows how much of it is left, is changed and withdrawn', async ({ visit }) => {
  const code = newCode('SPRING').toUpperCase()
  const page = await visit(placeNamed('admin-coupons-new'))
  const staff = new Shop(page.request)
  await page.getByLabel(/^Code/).fill(code.toLowerCase())
  await page.getByLabel(/^Name/).fill('Spring is here')
  await page.getByLabel(/^Percent off/).fill('120')
  await page.getByRole('button', { name: 'New coupon' }).click()
  await expect(page.getByLabel(/^Percent off/)).toHaveAttribute('aria-invalid', 'true')
  await page.getByLabel(/^Percent off/).fill('12.5')
  await page.getByRole('radio', { name: 'Only these' }).check()
  await page.getByRole('checkbox', { name: 'Starter' }).check()
  await page.getByLabel(/^Uses in total/).fill('10')
  await page.getByRole('button', { name: 'New coupon' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(code)
  await expect(page.getByText('0 / 10')).toBeVisible()
  await expect(page.getByText('10 uses are left.')).toBeVisible()
  const id = new URL(page.url()).pathname.split('/').at(-1)
  expect(await staff.call('GET', `/admin/coupons/${id}`)).toMatchObject({
    code,
    percent_ppm: 125_000,
    plan_codes: ['starter'],
    max_uses: 10,
    periods: 1,
  })

  await page.getByRole('link', { name: 'Change' }).click()
  await page.getByRole('radio', { name: 'An amount' }).check()
  await page.getByLabel('Off the cart').fill('7,50')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('$7.50 · Spring is here')).toBeVisible()
  expect(await staff.call('GET', `/admin/coupons/${id}`)).toMatchObject({ percent_ppm: null, amounts: { USD: 750 } })

  await page.getByRole('button', { name: 'Withdraw' }).click()
  await confirm(page, 'Withdraw')
  await expect(page.getByText('Withdrawn', { exact: true })).toBeVisible()
  await page.goto('/admin/coupons?state=withdrawn')
  await expect(page.getByRole('row').filter({ hasText: code })).toHaveCount(1)
})

test('an option is made with its values and priced', async ({ visit }) => {
  const code = newCode('region')
  const page = await visit(placeNamed('admin-options-new'))
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Region')
  await page.getByRole('textbox', { name: 'Code', exact: true }).first().fill(code)
  await page.getByRole('button', { name: 'Add a value' }).click()
  for (const [at, name] of ['Europe', 'America'].entries()) {
    const value = page.getByRole('group', { name: `Value ${at + 1}`, exact: true })
    await value.getByLabel(/^Name of the value/).fill(name)
    await value.getByLabel(/^Code/).fill(name.toLowerCase())
  }
  await page.getByRole('button', { name: 'New option' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Region')
  await page.getByRole('button', { name: 'New price', exact: true }).click()
  await dialog(page).getByLabel('Value').selectOption('america')
  await dialog(page)
    .getByLabel(/^Price/)
    .fill('1.50')
  await confirm(page, 'Add this price')
  await expect(page.getByRole('table', { name: 'Prices' }).getByRole('row').filter({ hasText: 'America' })).toContainText('$1.50')
  await page.getByRole('button', { name: 'Withdraw' }).click()
  await confirm(page, 'Withdraw')
  await expect(page.getByText('Withdrawn', { exact: true }).first()).toBeVisible()
})

test('an ending is priced with its cost, and its margin is told', async ({ visit }) => {
  const ending = `x${randomBytes(4).toString('hex')}`
  const page = await visit(placeNamed('admin-tlds'))
  await page.getByRole('button', { name: 'New ending' }).click()
  await dialog(page)
    .getByLabel(/^Ending/)
    .fill(`.${ending}`)
  await confirm(page, 'New ending')
  await page.getByRole('link', { name: `.${ending}` }).click()
  await page.getByRole('button', { name: 'New price', exact: true }).click()
  await dialog(page)
    .getByLabel(/^Price/)
    .fill('20')
  await dialog(page).getByLabel('Costs you').fill('15')
  await expect(dialog(page).getByText('25% of the price is left after the cost.')).toBeVisible()
  await confirm(page, 'Add this price')
  const row = page.getByRole('table', { name: 'Prices' }).getByRole('row').filter({ hasText: 'Register' })
  await expect(row).toContainText('$20.00')
  await expect(row).toContainText('25%')
  await page.getByRole('button', { name: 'Withdraw' }).click()
  await confirm(page, 'Withdraw')
  await expect(page.getByText('Withdrawn', { exact: true })).toBeVisible()
  await page.goto('/admin/tlds?state=withdrawn')
  await expect(page.getByRole('row').filter({ hasText: ending })).toContainText('Withdrawn')
})

for (const { name } of placeNames().filter(({ name }) => /^admin-(plan|option|coupon|tld)/.test(name))) {
  test(`fits a narrow phone: ${name}`, async ({ visit }) => {
    const page = await visit(placeNamed(name))
    await page.setViewportSize({ width: 360, height: 780 })
    await settled(page)
    expect(await page.evaluate(() => document.documentElement.scrollWidth), `${name} at 360 px`).toBeLessThanOrEqual(360)
  })
}
