import { hosting, newName, Shop } from './support/shop'
import { expect, test } from './support/test'

const STAFF_PAGES = ['', '/work', '/customers', '/orders', '/invoices', '/payments', '/servers', '/audit', '/users']
const STAFF_READS = ['overview', 'customers', 'orders', 'invoices', 'payments', 'parked', 'audit', 'users', 'invariants', 'licenses', 'domains']

test('a customer at the staff’s addresses sees nothing of the shop', async ({ page, shop }) => {
  const person = await shop.customer()
  const answers: string[] = []
  page.on('response', (answer) => {
    if (answer.url().includes('/api/v1/admin/') && answer.ok()) answers.push(answer.url())
  })
  for (const path of STAFF_PAGES) {
    await page.goto(`/admin${path}`)
    await expect(page.locator('main')).toBeVisible()
    await page.waitForLoadState('networkidle')
    await expect(page.getByRole('table')).toHaveCount(0)
    await expect(page.getByText('owner@example.com')).toHaveCount(0)
  }
  expect(answers).toEqual([])
  for (const path of STAFF_READS) expect((await shop.try('GET', `/admin/${path}`)).status(), path).toBe(403)
  const someone = (await shop.call<{ id: string }>('GET', '/customers/me')).id
  expect((await shop.try('GET', `/admin/customers/${someone}`)).status()).toBe(403)
  expect((await shop.try('GET', '/auth/me')).status(), person.email).toBe(200)
})

test('a stranger at the staff’s addresses is sent to the login', async ({ page }) => {
  await page.goto('/admin/orders')
  await expect(page).toHaveURL(/\/login\?next=%2Fadmin%2Forders/)
})

test('orders, invoices and services of somebody else do not exist for me', async ({ page, shop, playwright, baseURL }) => {
  const others = await playwright.request.newContext({ baseURL })
  const other = new Shop(others)
  await other.customer()
  const name = newName('theirs')
  const order = await other.delivered(hosting(name))
  const { items } = await other.call<{ items: { id: string }[] }>('GET', '/invoices/')
  const license = order.lines.map((line) => line.result.license_id).find(Boolean)
  await shop.customer()
  const addresses = [`/orders/${order.id}`, `/invoices/${items[0]?.id}`, `/licenses/${license}`, `/payments?payment=${order.id}`]
  for (const address of addresses) {
    await page.goto(address)
    await expect(page.getByText('Not found'), address).toBeVisible()
    await expect(page.getByText(name)).toHaveCount(0)
  }
  const deeds = [`/orders/${order.id}/cancel`, `/orders/${order.id}/pay`, `/licenses/${license}/reveal`]
  for (const deed of deeds) expect((await shop.try('POST', deed, {})).status(), deed).toBe(404)
  expect((await other.read(order.id)).state).toBe('completed')
  await others.dispose()
})

test('what the browser may do is told by its headers', async ({ page, request }) => {
  const answer = await page.goto('/')
  const headers = answer?.headers() ?? {}
  expect(headers['content-security-policy']).toMatch(/script-src 'self' 'nonce-[^']+' 'strict-dynamic'; /)
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
  expect(headers['x-content-type-options']).toBe('nosniff')
  expect(headers['x-powered-by']).toBeUndefined()
  const forged = await request.post('/api/v1/auth/session', {
    headers: { 'sec-fetch-site': 'cross-site' },
    data: { email: 'a@example.com', password: 'x' },
  })
  expect([forged.status(), (await forged.json()).code]).toEqual([403, 'cross_site_request'])
})

test('the pages call nobody but the shop itself', async ({ page, shop, baseURL }) => {
  const foreign: string[] = []
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(`${baseURL}/`) && !/^(data|blob):/.test(url)) foreign.push(url)
  })
  await shop.customer()
  for (const path of ['/', '/pricing', '/domains?q=example', '/login', '/legal/terms', '/dashboard', '/orders', '/settings/appearance'])
    await page.goto(path)
  await page.waitForLoadState('networkidle')
  expect(foreign).toEqual([])
})
