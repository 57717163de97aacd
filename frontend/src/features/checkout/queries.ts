'use client'

import { useMutation, useQuery } from '@tanstack/react-query'
import { api, Problem, type Schemas, take } from '@/api/client'
import { type CartItem, cartId, writeCart } from '@/features/cart'
import { payOrder } from '@/features/orders'
import { leaveFor } from '@/lib/address'

export function useQuote(items: CartItem[], enabled: boolean) {
  return useQuery({
    queryKey: ['quote', items],
    queryFn: () => take(api.POST('/api/v1/orders/quote', { body: { items } })),
    enabled: enabled && items.length > 0,
  })
}

/** One key per cart and content: a double click, a reload, the back button and a second tab place the same order, a changed cart another. */
async function keyFor(body: Schemas['OrderRequest']): Promise<string> {
  const cart = cartId()
  const content = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(JSON.stringify(body)))
  const digits = Array.from(new Uint8Array(content).subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${cart}-${digits}`
}

export function usePlaceOrder() {
  return useMutation({
    mutationFn: async (body: Schemas['OrderRequest']) => {
      const key = await keyFor(body)
      const order = await take(api.POST('/api/v1/orders', { body, params: { header: { 'idempotency-key': key } } }))
      writeCart([])
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
