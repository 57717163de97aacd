import { beforeEach, expect, it, vi } from 'vitest'
import { type CartItem, writeCart } from '@/features/cart'
import { placeOrder } from './place'

/** Orders by their keys, as the API keeps them. */
class Shop {
  orders = new Map<string, { id: string; state: string }>()

  answer = async (input: RequestInfo | URL) => {
    const key = (input as Request).headers.get('idempotency-key') ?? ''
    const order = this.orders.get(key) ?? { id: `order-${this.orders.size + 1}`, state: 'pending' }
    this.orders.set(key, order)
    return Response.json(order, { status: 201 })
  }

  cancelAll(): void {
    for (const order of this.orders.values()) order.state = 'cancelled'
  }
}

const items: CartItem[] = [{ kind: 'domain', name: 'my-first-shop.com', years: 1 }]
const body = { items, consent: { terms_version: '1', status: 'consumer' as const, immediate_start: true, registrar_terms: true } }
let shop: Shop

beforeEach(() => {
  shop = new Shop()
  vi.stubGlobal('fetch', shop.answer)
  writeCart(items)
})

it('finds the same order while that one lives', async () => {
  expect([(await placeOrder(body)).id, (await placeOrder(body)).id]).toEqual(['order-1', 'order-1'])
})

it('orders anew where the order found has been cancelled, and two tabs order the same', async () => {
  await placeOrder(body)
  shop.cancelAll()
  const found = await Promise.all([placeOrder(body), placeOrder(body)])
  expect(found.map(({ id, state }) => [id, state])).toEqual([
    ['order-2', 'pending'],
    ['order-2', 'pending'],
  ])
  shop.cancelAll()
  expect((await placeOrder(body)).id).toBe('order-3')
})
