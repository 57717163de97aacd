import { randomBytes, randomUUID } from 'node:crypto'
import { type APIRequestContext, type APIResponse, expect } from '@playwright/test'
import type { components } from '../../src/api/schema'
import { system } from './system'
import { mailbox } from './vendors'

export type Order = components['schemas']['OrderBody']
export type Item = components['schemas']['OrderRequest']['items'][number]

export interface Person {
  name: string
  email: string
  password: string
}

export const CARDS = {
  fine: '4242424242424242',
  declined: '4000000000000002',
  challenged: '4000002760003184',
  dry: '4000000000000341',
  debit: '4000056655665556',
}
export const ADDRESS = { line_1: '1 Main Street', line_2: '', city: 'Springfield', state: 'IL', postal_code: '62701', country: 'US' }

export function newPerson(): Person {
  return { name: 'Robin Tester', email: `robin-${randomBytes(5).toString('hex')}@example.com`, password: 'a long enough password' }
}

/** A name that nobody else orders. How it begins tells the simulated registrar what to do: `refused` and `taken` among others. */
export function newName(beginning = 'shop'): string {
  return `${beginning}-${randomBytes(5).toString('hex')}.com`
}

export function hosting(name: string, kind: 'register' | 'own' = 'register'): Item {
  return { kind: 'hosting', plan: 'professional', cycle: { unit: 'month', count: 1 }, domain: { kind, name, years: 1 } }
}

async function leaveCard(page: string, card: string): Promise<void> {
  const form = new URLSearchParams({ card_number: card, exp: '12/34', cvc: '123', name: 'Robin Tester', action: 'pay' })
  await fetch(page, { method: 'POST', body: form, redirect: 'manual' })
}

/** The shop without its pages: for what a test needs before its own story begins. With a page's `request` the session is that page's. */
export class Shop {
  constructor(readonly request: APIRequestContext) {}

  async call<T>(method: string, path: string, data?: unknown, headers: Record<string, string> = {}): Promise<T> {
    const answer = await this.try(method, path, data, headers)
    expect(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`).toBe(true)
    return (answer.status() === 204 ? null : await answer.json()) as T
  }

  try(method: string, path: string, data?: unknown, headers: Record<string, string> = {}): Promise<APIResponse> {
    return this.request.fetch(`${system().portal}/api/v1${path}`, { method, data, headers: { origin: system().portal, ...headers } })
  }

  /** Someone with an account, logged in; by default with a confirmed address and all that an order asks for. */
  async customer({ verified = true, complete = true, person = newPerson() } = {}): Promise<Person> {
    await this.call('POST', '/auth/register', { ...person, locale: 'en', status: 'consumer' })
    await this.login(person)
    if (complete) {
      await this.call('PATCH', '/customers/me', { phone: '+12175550123' })
      await this.call('PUT', '/customers/me/address', ADDRESS)
    }
    if (verified) await this.verify(person)
    return person
  }

  async login({ email, password }: { email: string; password: string }): Promise<void> {
    await this.call('POST', '/auth/session', { email, password })
  }

  async staff(): Promise<void> {
    const owner = system().logins.find((each) => each.role === 'admin')
    if (!owner) throw new Error('the system told no login of staff')
    await this.login(owner)
  }

  async customerId(): Promise<string> {
    return (await this.call<{ customer_id: string }>('GET', '/auth/me')).customer_id
  }

  async orders(): Promise<Order[]> {
    return (await this.call<{ items: Order[] }>('GET', '/orders?limit=50')).items
  }

  async verify({ email }: Person): Promise<void> {
    const link = new URL(await mailbox.link(email, 'verify-email'))
    await this.call('POST', '/auth/verify-email', { token: link.searchParams.get('token') })
  }

  /** Left on the payment provider's page. `dry` is declined whenever it is charged later; `debit` is nobody's else. */
  async saveCard(card = CARDS.fine): Promise<void> {
    const open = () => this.call<{ setup_url: string | null }>('POST', '/payments/methods', { consent: true, return_path: '/payment-methods' })
    await leaveCard(await this.addressOf(async () => (await open()).setup_url, 'the page for a card opens'), card)
    const saved = async () => (await this.call<{ items: unknown[] }>('GET', '/payments/methods')).items.length
    await expect.poll(saved, { message: 'the card is saved' }).toBeGreaterThan(0)
  }

  async order(...items: Item[]): Promise<Order> {
    const { terms_version } = await this.call<{ terms_version: string }>('GET', '/company')
    const { status } = await this.call<{ status: string }>('GET', '/customers/me')
    const consent = { terms_version, status, immediate_start: true, registrar_terms: true }
    return this.call('POST', '/orders', { items, consent }, { 'idempotency-key': randomUUID() })
  }

  checkout(order: Order): Promise<string> {
    const open = () => this.call<{ checkout_url: string | null }>('POST', `/orders/${order.id}/pay`, { return_path: `/orders/${order.id}` })
    return this.addressOf(async () => (await open()).checkout_url, 'the payment page opens')
  }

  private async addressOf(ask: () => Promise<string | null>, message: string): Promise<string> {
    let address: string | null = null
    const asked = async () => {
      address = await ask()
      return Boolean(address)
    }
    await expect.poll(asked, { message }).toBe(true)
    return address ?? ''
  }

  /** Pays as a browser without scripts would. The answer of the payment page is not looked at. */
  async pay(order: Order, card = CARDS.fine): Promise<void> {
    await leaveCard(await this.checkout(order), card)
  }

  read(id: string): Promise<Order> {
    return this.call('GET', `/orders/${id}`)
  }

  async until(id: string, fits: (order: Order) => boolean, message: string): Promise<Order> {
    await expect.poll(async () => fits(await this.read(id)), { message, timeout: 60_000 }).toBe(true)
    return this.read(id)
  }

  /** A whole purchase, delivered. */
  async delivered(...items: Item[]): Promise<Order> {
    const order = await this.order(...items)
    await this.pay(order)
    return this.until(order.id, ({ state }) => state === 'completed', 'the order is delivered')
  }
}
