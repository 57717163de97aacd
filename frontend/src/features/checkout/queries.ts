'use client'

import { useMutation, useQuery } from '@tanstack/react-query'
import { api, Problem, type Schemas, take } from '@/api/client'
import { type CartItem, writeCart } from '@/features/cart'
import { payOrder } from '@/features/orders'
import { leaveFor } from '@/lib/address'

const KEY = 'np_order_key'

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

export function usePlaceOrder() {
  return useMutation({
    mutationFn: async (body: Schemas['OrderRequest']) => {
      const order = await take(api.POST('/api/v1/orders', { body, params: { header: { 'idempotency-key': keyFor(body) } } }))
      writeCart([])
      sessionStorage.removeItem(KEY)
      return toPayment(order.id)
    },
    onSuccess: leaveFor,
  })
}

/** The order is placed: should its payment page not open, the order's own page offers it again. So does the way back from it. */
async function toPayment(orderId: string): Promise<string> {
  const own = `/orders/${orderId}`
  try {
    const address = await payOrder(orderId)
    if (address) window.history.replaceState(null, '', own)
    return address ?? own
  } catch (error) {
    if (error instanceof Problem) return own
    throw error
  }
}
