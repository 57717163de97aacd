import type { Page } from '@playwright/test'
import { consent, expectArrived, fillCart, obligingButton, orderIn, payBy, toCheckout } from './support/pages'
import { CARDS, hosting, newName, type Shop } from './support/shop'
import { expect, test } from './support/test'
import { accounts, charges, registrations } from './support/vendors'

/** One order, one charge, one of each at every vendor. */
async function expectOnce(shop: Shop, name: string): Promise<void> {
  expect(await shop.orders()).toHaveLength(1)
  expect(await charges(await shop.customerId())).toHaveLength(1)
  expect([await registrations(name), await accounts(name)]).toEqual([1, 1])
}

async function readyToOrder(page: Page, shop: Shop, name: string): Promise<void> {
  await shop.customer()
  await fillCart(page, name)
  await toCheckout(page)
  await consent(page)
}

test('a double click on the button that obliges is one order and one charge', async ({ page, shop }) => {
  const name = newName()
  await readyToOrder(page, shop, name)
  await obligingButton(page).dblclick()
  await payBy(page, CARDS.fine)
  await expectArrived(page)
  await expectOnce(shop, name)
})

test('the same cart sent from two tabs at once is one order and one charge', async ({ page, context, shop }) => {
  const name = newName()
  await readyToOrder(page, shop, name)
  const other = await context.newPage()
  await other.goto('/checkout')
  await consent(other)
  const buttons = [obligingButton(page), obligingButton(other)]
  for (const button of buttons) await expect(button).toBeEnabled()
  // No pointer, which comes too late to the second tab once the first has ordered: both are pressed for sure.
  await Promise.all(buttons.map((button) => button.dispatchEvent('click')))
  // The tab that came second may find the cart ordered already; one at least is at the payment page.
  const tabs = [page, other]
  await expect(async () => expect(tabs.some((tab) => tab.url().includes('/c/pay/'))).toBe(true)).toPass()
  const paying = tabs.find((tab) => tab.url().includes('/c/pay/')) ?? page
  await payBy(paying, CARDS.fine)
  await expectArrived(paying)
  await expectOnce(shop, name)
})

test('an order open in two tabs is paid once, and both tabs see it arrive', async ({ page, context, shop }) => {
  const name = newName()
  await shop.customer()
  const order = await shop.order(hosting(name))
  const other = await context.newPage()
  for (const tab of [page, other]) {
    await tab.goto(`/orders/${order.id}`)
    await tab.getByRole('button', { name: /^Pay \$/ }).click()
    await expect(tab).toHaveURL(/\/c\/pay\//)
  }
  await payBy(page, CARDS.fine)
  await expectArrived(page)
  await payBy(other, CARDS.fine)
  await expectArrived(other)
  await expectOnce(shop, name)
})

test('reload and back on the page one returns to', async ({ page, shop }) => {
  const name = newName()
  await readyToOrder(page, shop, name)
  await obligingButton(page).click()
  await payBy(page, CARDS.fine)
  await expect(page).toHaveURL(/\/orders\/[0-9a-f-]{36}/)
  const order = orderIn(page)
  await page.reload()
  await expectArrived(page)
  await page.goBack()
  if (page.url().includes('/c/pay/')) await page.reload()
  await page.goto('/checkout')
  await expect(page.getByText('There is nothing to order')).toBeVisible()
  await page.goto(`/orders/${order}`)
  await expectArrived(page)
  await expectOnce(shop, name)
})
