import { course, expectArrived, orderIn, payBy } from './support/pages'
import { CARDS, hosting, newName } from './support/shop'
import { expect, test } from './support/test'
import { accounts, charges, registrations } from './support/vendors'

test('a card is declined, nothing is charged; the next one is fine', async ({ page, shop }) => {
  await shop.customer()
  const order = await shop.order(hosting(newName()))
  await page.goto(`/orders/${order.id}`)
  await page.getByRole('button', { name: /^Pay \$/ }).click()
  await payBy(page, CARDS.declined)
  await expect(page.getByRole('alert')).toContainText('Your card was declined')
  await page.getByRole('button', { name: 'Cancel and go back' }).click()

  await expect(page).toHaveURL(new RegExp(`/orders/${order.id}`))
  await expect(page.getByText('Your payment was declined')).toBeVisible()
  await expect(page.getByText(/Nothing was charged/)).toBeVisible()
  expect(await charges(await shop.customerId())).toEqual([])

  await page.getByRole('button', { name: /Try again/ }).click()
  await payBy(page, CARDS.fine)
  await expect(page).toHaveURL(new RegExp(`/orders/${order.id}`))
  await expectArrived(page)
  expect(await charges(await shop.customerId())).toHaveLength(1)
})

test('a card is declined and another one tried on the payment page itself', async ({ page, shop }) => {
  await shop.customer()
  const order = await shop.order(hosting(newName()))
  await page.goto(await shop.checkout(order))
  await payBy(page, CARDS.declined)
  await expect(page.getByRole('alert')).toContainText('Your card was declined')
  await payBy(page, CARDS.fine)
  await expect(page).toHaveURL(new RegExp(`/orders/${order.id}`))
  await expectArrived(page)
  expect(await charges(await shop.customerId())).toHaveLength(1)
})

test('3-D Secure: failed, then approved', async ({ page, shop }) => {
  await shop.customer()
  const order = await shop.order(hosting(newName()))
  await page.goto(await shop.checkout(order))
  await payBy(page, CARDS.challenged)
  await page.getByRole('button', { name: 'Fail the check' }).click()
  await payBy(page, CARDS.challenged)
  await page.getByRole('button', { name: 'Approve the payment' }).click()
  await expect(page).toHaveURL(new RegExp(`/orders/${order.id}`))
  await expectArrived(page)
  expect(await charges(await shop.customerId())).toHaveLength(1)
})

test('a name is refused by the registry after the payment, and another is picked', async ({ page, shop }) => {
  const [refused, refusedToo, picked] = [newName('refused'), newName('refused'), newName('picked')]
  await shop.customer()
  const order = await shop.order(hosting(refused))
  await page.goto(await shop.checkout(order))
  await payBy(page, CARDS.fine)
  await expect(page).toHaveURL(new RegExp(`/orders/${order.id}`))
  await expect(course(page).filter({ hasText: 'Domain' })).toHaveAttribute('data-state', 'attention')
  await expect(page.getByText(`${refused} could not be registered.`, { exact: false })).toBeVisible()

  const pick = async (name: string) => {
    await page.getByLabel('Another name').fill(name)
    await page.getByRole('button', { name: `Register ${name}` }).click()
  }
  await pick('nonsense')
  await expect(page.getByLabel('Another name')).toHaveAttribute('aria-invalid', 'true')
  await expect(page.getByLabel('Another name')).toHaveValue('nonsense')
  await pick(refusedToo)
  await expect(page.getByText(`${refusedToo} could not be registered.`, { exact: false })).toBeVisible()
  await pick(picked)
  await expectArrived(page)
  expect(orderIn(page)).toBe(order.id)
  const names = [refused, refusedToo, picked]
  expect(await Promise.all(names.map(registrations))).toEqual([0, 0, 1])
  expect((await Promise.all(names.map(accounts))).reduce((sum, count) => sum + count)).toBe(1)
  expect(await charges(await shop.customerId())).toHaveLength(1)
})

test('an order that is not paid can be cancelled', async ({ page, shop }) => {
  await shop.customer()
  const order = await shop.order(hosting(newName()))
  await page.goto(`/orders/${order.id}`)
  await page.getByRole('button', { name: 'Cancel the order' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel it' }).click()
  await expect(page.getByText('This order was cancelled.')).toBeVisible()
  expect((await shop.read(order.id)).state).toBe('cancelled')
})
