import { expectArrived, fillCart, fillDetails, orderAndPay, orderIn, register, toCheckout } from './support/pages'
import { newName, newPerson } from './support/shop'
import { expect, test } from './support/test'
import { accounts, charges, mailbox, registrations } from './support/vendors'

test('a newcomer buys a plan with a new domain and watches it arrive', async ({ page, context, shop }) => {
  const [person, name] = [newPerson(), newName()]
  await fillCart(page, name)
  await toCheckout(page)
  await register(page, person)
  await fillDetails(page)
  await page.getByRole('button', { name: 'Save and go on' }).click()
  await expect(page.getByRole('complementary', { name: 'Summary' }).getByText('Total', { exact: true })).toBeVisible()
  await orderAndPay(page)

  await expect(page).toHaveURL(/\/orders\/[0-9a-f-]{36}/)
  const order = orderIn(page)
  await expect(page.getByText('Paid. Delivery waits until you confirm your e-mail address.')).toBeVisible()
  const mail = await context.newPage()
  await mail.goto(await mailbox.link(person.email, 'verify-email'))
  await mail.getByRole('button', { name: 'Confirm this address' }).click()
  await expect(mail.getByText('Your address is confirmed')).toBeVisible()
  await mail.close()

  await expectArrived(page)
  expect(orderIn(page)).toBe(order)
  expect([await registrations(name), await accounts(name)]).toEqual([1, 1])
  const [charge, ...more] = await charges(await shop.customerId())
  expect(charge?.captured).toBe((await shop.read(order)).total.amount)
  expect(more).toEqual([])
})

test('what was bought is in the account: service, key, domain, invoice, and the login by mail', async ({ page, shop }) => {
  const name = newName()
  const person = await shop.customer()
  const order = await shop.delivered({
    kind: 'hosting',
    plan: 'starter',
    cycle: { unit: 'year', count: 1 },
    domain: { kind: 'register', name, years: 2 },
  })
  await page.goto('/dashboard')
  await page.getByRole('region', { name }).getByRole('link', { name: 'Details' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText(name)
  await page.getByRole('button', { name: 'Show the key' }).click()
  await expect(page.getByRole('button', { name: 'Copy: License key' })).toBeVisible()

  await page.goto('/domains-owned')
  await expect(page.getByRole('row', { name })).toContainText('Active')
  await page.goto('/orders')
  await page.getByRole('link', { name: order.number ?? '' }).click()
  await expectArrived(page)
  await page.goto('/invoices')
  await page.getByRole('link', { name: /INV-/ }).click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('INV-')
  await expect(page.getByText('Robin Tester')).toBeVisible()

  await page.goto(await mailbox.link(person.email, '/welcome/'))
  await page.getByRole('button', { name: 'Show my login' }).click()
  await expect(page.getByText('Note this login now')).toBeVisible()
})

test('a plan for a domain of one’s own, and a domain found by the search', async ({ page, shop }) => {
  const [own, found] = [newName('own'), newName('found')]
  await shop.customer()
  await page.goto('/')
  await page.getByRole('textbox', { name: 'Domain name' }).fill(found)
  await page.getByRole('button', { name: 'Search' }).click()
  await page.getByRole('button', { name: `Add ${found} to the cart` }).click()
  await expect(page.getByRole('link', { name: 'In cart' })).toBeVisible()
  await page.goto('/pricing')
  await page.getByRole('radio', { name: 'Yearly' }).check()
  await page.getByRole('button', { name: 'Choose Starter' }).click()
  await expect(page.getByLabel('New domain name')).toHaveValue(found)
  await page.getByRole('radio', { name: 'I have a domain' }).check()
  await page.getByLabel('Your domain name').fill(own)
  await toCheckout(page)
  await orderAndPay(page)
  await expect(page).toHaveURL(/\/orders\/[0-9a-f-]{36}/)
  await expectArrived(page, ['Paid', 'License', 'Account', 'Mail'])
  expect([await registrations(own), await accounts(own)]).toEqual([0, 1])
})
