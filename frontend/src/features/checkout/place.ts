import { api, Problem, type Schemas, take } from '@/api/client'
import { cartId } from '@/features/cart'

type Body = Schemas['OrderRequest']

/**
 * One key per cart and content: a double click, a reload, the back button and a second tab place the same order, a changed cart another.
 * After a `dead` order it is another key, and in every tab the same one.
 */
async function keyFor(body: Body, cart: string, dead: string): Promise<string> {
  const content = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(JSON.stringify(body) + dead))
  const digits = Array.from(new Uint8Array(content).subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${cart}-${digits}`
}

const IN_USE = 'idempotency_key_in_use'
const ASKS = 20
const PAUSE = 500

/** Another tab is placing this very order just now: its answer is ours too, in a moment. */
async function post(body: Body, key: string): Promise<Schemas['OrderBody']> {
  for (let asked = 1; ; asked += 1) {
    try {
      return await take(api.POST('/api/v1/orders', { body, params: { header: { 'idempotency-key': key } } }))
    } catch (error) {
      if (!(error instanceof Problem && error.code === IN_USE && asked < ASKS)) throw error
      await new Promise((over) => setTimeout(over, PAUSE))
    }
  }
}

/** The cart's order. If the answer was lost at first and that order has been cancelled since, the cart is ordered anew. */
export async function placeOrder(body: Body): Promise<Schemas['OrderBody']> {
  const cart = cartId()
  let dead = ''
  for (;;) {
    const key = await keyFor(body, cart, dead)
    const order = await post(body, key)
    // Another key finds another order; should it ever not, its own page says what has become of it.
    if (order.state !== 'cancelled' || order.id === dead) return order
    dead = order.id
  }
}
