'use client'

import { useMutation, useQuery } from '@tanstack/react-query'
import { api, Problem, type Schemas, take } from '@/api/client'
import { type CartItem, writeCart } from '@/features/cart'

const KEY = 'np_order_key'
const PATIENCE = 20
const PAUSE = 500

export function useQuote(items: CartItem[], enabled: boolean) {
  return useQuery({
    queryKey: ['quote', items],
    queryFn: () => take(api.POST('/api/v1/orders/quote', { body: { items } })),
    enabled: enabled && items.length > 0,
  })
}

/** One key per content: a double click, a reload or the back button place the same order, a changed cart another. */
function keyFor(body: Schemas['OrderRequest']): string {
  const content = JSON.stringify(body)
  const kept = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as { key: string; content: string } | null
  if (kept?.content === content) return kept.key
  const key = crypto.randomUUID()
  sessionStorage.setItem(KEY, JSON.stringify({ key, content }))
  return key
}

/** The address of the payment page; while it is being opened we ask again, for the same attempt answers. */
export async function payOrder(orderId: string): Promise<string | null> {
  for (let round = 0; round < PATIENCE; round += 1) {
    const intent = await take(
      api.POST('/api/v1/orders/{order_id}/pay', { params: { path: { order_id: orderId } }, body: { return_path: `/orders/${orderId}` } }),
    )
    if (intent.checkout_url) return intent.checkout_url
    await new Promise((resolve) => setTimeout(resolve, PAUSE))
  }
  return null
}

export function usePlaceOrder() {
  return useMutation({
    mutationFn: async (body: Schemas['OrderRequest']) => {
      const order = await take(api.POST('/api/v1/orders', { body, params: { header: { 'idempotency-key': keyFor(body) } } }))
      writeCart([])
      sessionStorage.removeItem(KEY)
      return toPayment(order.id)
    },
    onSuccess: (address) => window.location.assign(address),
  })
}

/** The order is placed: should its payment page not open, the order's own page offers it again. */
async function toPayment(orderId: string): Promise<string> {
  try {
    return (await payOrder(orderId)) ?? `/orders/${orderId}`
  } catch (error) {
    if (error instanceof Problem) return `/orders/${orderId}`
    throw error
  }
}
