import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { APIRequestContext } from '@playwright/test'
import { Desk } from './desk'
import { panel } from './panel'
import { CARDS, hosting, newName, type Order, type Person, Shop } from './shop'
import { RESULTS } from './system'
import { panelsRefuse } from './vendors'

export type Who = 'nobody' | 'customer' | 'staff'

/** A shop in which something has happened: what pages are looked at with. */
export interface Scene {
  person: Person
  customerId: string
  orders: { delivered: string; declined: string; refused: string; parked: string; toMend: string }
  license: string
  subscription: string
  invoice: string
  domain: string
  /** What only staff sees: a draft, an order's proforma, an entry of the books, and a billing run that has billed somebody. */
  desk: { draft: string; proforma: string; entry: string; run: string }
  payLink: string
  /** What the sandbox sells. */
  sold: { plan: string; option: string; coupon: string; tld: string }
}

export interface Place {
  name: string
  path: string
  as: Who
}

const FILE = join(RESULTS, 'scene.json')

export function scene(): Scene {
  return JSON.parse(readFileSync(FILE, 'utf8')) as Scene
}

type Requests = () => Promise<APIRequestContext>

/** Told before anything else runs, for the panels are lamed for a moment. */
export async function tellScene(requests: Requests): Promise<void> {
  const shop = new Shop(await requests())
  const person = await shop.customer()
  const delivered = await shop.delivered(hosting(newName('delivered')))
  const declined = await shop.order(hosting(newName('declined')))
  await shop.pay(declined, CARDS.declined)
  const refused = await paid(shop, newName('refused'))
  const known = (order: Order) => ['delivered', 'refused'].every((state) => order.lines.some((line) => line.state === state))
  await shop.until(refused.id, known, 'the account is there, and the name is refused')
  await panelsRefuse(true)
  const parked = await paid(shop, newName('parked'))
  const toMend = await tellParked(requests)
  const stands = (order: Order) => order.lines.some((line) => line.state === 'parked')
  await shop.until(parked.id, stands, 'the account is parked')
  await panelsRefuse(false)
  await tellUse(shop, result(delivered, 'license_id'))
  const { items } = await shop.call<{ items: { id: string }[] }>('GET', '/invoices/')
  const staff = await Desk.open()
  const told: Scene = {
    person,
    customerId: await shop.customerId(),
    orders: { delivered: delivered.id, declined: declined.id, refused: refused.id, parked: parked.id, toMend },
    license: result(delivered, 'license_id'),
    subscription: (await shop.call<{ items: { id: string; status: string }[] }>('GET', '/subscriptions/?status=active')).items[0]?.id ?? '',
    domain: result(delivered, 'domain_id'),
    invoice: items.at(-1)?.id ?? '',
    ...(await tellDesk(staff, requests, await shop.customerId(), declined.proforma_id ?? '')),
    sold: await readSold(new Shop(await requests())),
  }
  await staff.close()
  mkdirSync(RESULTS, { recursive: true })
  writeFileSync(FILE, JSON.stringify(told))
}

/** One subscription that a run bills, and one that it sets aside, for nobody knows where its customer is. */
async function tellDesk(staff: Desk, requests: Requests, customerId: string, proforma: string): Promise<Pick<Scene, 'desk' | 'payLink'>> {
  const unknown = new Shop(await requests())
  await unknown.customer({ complete: false })
  await staff.keeps(customerId)
  await staff.keeps(await unknown.customerId())
  const run = await staff.run()
  const open = await staff.invoice(customerId, 4200)
  const draft = await staff.draft(customerId, 1900)
  const entry = await staff.entryOf(open)
  return { desk: { draft: draft.id, proforma, entry, run: run.id }, payLink: new URL(await staff.payLink(open)).pathname }
}

async function readSold(shop: Shop): Promise<Scene['sold']> {
  await shop.staff()
  const first = async (path: string) => (await shop.call<{ items: { id: string }[] }>('GET', path)).items[0]?.id ?? ''
  const [plan, option, coupon, tld] = [
    await first('/admin/plans?search=professional'),
    await first('/admin/options'),
    await first('/admin/coupons'),
    await first('/admin/tlds'),
  ]
  return { plan, option, coupon, tld }
}

/** Something filling, something over its limit, and something just being made. */
async function tellUse(shop: Shop, license: string): Promise<void> {
  const { license_key: key } = await shop.call<{ license_key: string }>('POST', `/licenses/${license}/reveal`)
  await panel.report(key, 'databases', 'created', 42)
  await panel.reserve(key, 'databases', 3)
  await panel.report(key, 'domains', 'set', 27)
}

/** An order of somebody else that staff will mend. */
async function tellParked(requests: Requests): Promise<string> {
  const shop = new Shop(await requests())
  await shop.customer()
  const order = await paid(shop, newName('mend'))
  await shop.until(order.id, ({ lines }) => lines.some((line) => line.state === 'parked'), 'the account is parked')
  return order.id
}

async function paid(shop: Shop, name: string): Promise<Order> {
  const order = await shop.order(hosting(name))
  await shop.pay(order)
  return order
}

function result(order: Order, name: string): string {
  return order.lines.map((line) => line.result[name]).find(Boolean) ?? ''
}

/** Every page, with what it shows. */
export function places({ orders, license, subscription, invoice, domain, customerId, desk: papers, payLink, sold }: Scene): Place[] {
  const staffLists = ['work', 'customers', 'orders', 'invoices', 'payments', 'licenses', 'domains', 'notifications']
  const staffRest = [
    'plans',
    'plans/new',
    'options',
    'options/new',
    'coupons',
    'coupons/new',
    'tlds',
    'servers',
    'invariants',
    'audit',
    'panel-keys',
    'signing-keys',
    'users',
  ]
  const desk = ['invoices/new', 'invoices/ageing', 'invoices/figures', 'books', 'books/rates', 'tax']
  const upkeep = ['subscriptions', 'billing-runs', 'billing-calendar', 'clock']
  const taxDesk = ['tax/policy', 'tax/rules', 'tax/preview', 'tax/tasks', 'tax/ids', 'tax/returns']
  return [
    ...at('nobody', {
      landing: '/',
      pricing: '/pricing',
      domains: '/domains?q=example',
      terms: '/legal/terms',
      privacy: '/legal/privacy',
      imprint: '/legal/imprint',
      withdrawal: '/legal/withdrawal',
      login: '/login',
      register: '/register',
      'forgot-password': '/forgot-password',
      'reset-password': '/reset-password?token=none',
      'verify-email': '/verify-email?token=none',
      welcome: '/welcome/none',
      'cart-empty': '/cart',
      'pay-link-unknown': '/pay/none',
      'pay-link': payLink,
      'not-found': '/there-is-no-such-page',
    }),
    ...at('customer', {
      dashboard: '/dashboard',
      'domains-owned': '/domains-owned',
      'domain-owned': `/domains-owned/${domain}`,
      orders: '/orders',
      'order-delivered': `/orders/${orders.delivered}`,
      'order-declined': `/orders/${orders.declined}`,
      'order-refused': `/orders/${orders.refused}`,
      'order-parked': `/orders/${orders.parked}`,
      'order-unknown': '/orders/00000000-0000-7000-8000-000000000000',
      invoices: '/invoices',
      invoice: `/invoices/${invoice}`,
      credit: '/credit',
      subscriptions: '/subscriptions',
      subscription: `/subscriptions/${subscription}`,
      'subscription-change': `/subscriptions/${subscription}/change`,
      'payment-methods': '/payment-methods',
      statement: '/statement',
      licenses: '/licenses',
      license: `/licenses/${license}`,
      payment: '/payments',
      profile: '/settings/profile',
      security: '/settings/security',
      appearance: '/settings/appearance',
      'staff-pages-denied': '/admin/orders',
    }),
    ...at('staff', {
      'admin-overview': '/admin',
      ...Object.fromEntries(
        [...staffLists, ...staffRest, ...desk, ...upkeep, ...taxDesk].map((list) => [`admin-${list.replace('/', '-')}`, `/admin/${list}`]),
      ),
      'admin-customer': `/admin/customers/${customerId}`,
      'admin-order-delivered': `/admin/orders/${orders.delivered}`,
      'admin-order-parked': `/admin/orders/${orders.parked}`,
      'admin-license': `/admin/licenses/${license}`,
      'admin-subscription': `/admin/subscriptions/${subscription}`,
      'admin-subscription-change': `/admin/subscriptions/${subscription}/change`,
      'admin-invoice': `/admin/invoices/${invoice}`,
      'admin-invoice-draft': `/admin/invoices/${papers.draft}`,
      'admin-invoice-draft-edit': `/admin/invoices/${papers.draft}/edit`,
      'admin-proforma': `/admin/invoices/proformas/${papers.proforma}`,
      'admin-books-entry': `/admin/books/journals/${papers.entry}`,
      'admin-billing-run': `/admin/billing-runs/${papers.run}`,
      'admin-domain': `/admin/domains/${domain}`,
      'admin-plan': `/admin/plans/${sold.plan}`,
      'admin-plan-edit': `/admin/plans/${sold.plan}/edit`,
      'admin-option': `/admin/options/${sold.option}`,
      'admin-option-edit': `/admin/options/${sold.option}/edit`,
      'admin-coupon': `/admin/coupons/${sold.coupon}`,
      'admin-coupon-edit': `/admin/coupons/${sold.coupon}/edit`,
      'admin-tld': `/admin/tlds/${sold.tld}`,
    }),
  ]
}

function at(as: Who, paths: Record<string, string>): Place[] {
  return Object.entries(paths).map(([name, path]) => ({ name, path, as }))
}

/** The names alone, for a list of tests that is made before anything runs. */
export function placeNames(): { name: string; as: Who }[] {
  const orders = { delivered: '', declined: '', refused: '', parked: '', toMend: '' }
  return places({
    orders,
    license: '',
    subscription: '',
    invoice: '',
    domain: '',
    customerId: '',
    desk: { draft: '', proforma: '', entry: '', run: '' },
    payLink: '',
    sold: { plan: '', option: '', coupon: '', tld: '' },
  } as unknown as Scene)
}

export function placeNamed(name: string): Place {
  const found = places(scene()).find((place) => place.name === name)
  if (!found) throw new Error(`no page is called ${name}`)
  return found
}
