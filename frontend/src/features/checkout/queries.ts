'use client'

import { useMutation, useQuery } from '@tanstack/react-query'
import { api, Problem, type Schemas, take } from '@/api/client'
import { type CartItem, writeCart } from '@/features/cart'
import { payOrder } from '@/features/orders'
import { leaveFor } from '@/lib/address'
import { placeOrder } from './place'

export function useQuote(items: CartItem[], enabled: boolean) {
  return useQuery({
    queryKey: ['quote', items],
    queryFn: () => take(api.POST('/api/v1/orders/quote', { body: { items } })),
    enabled: enabled && items.length > 0,
  })
}

export function usePlaceOrder() {
  return useMutation({
    mutationFn: async (body: Schemas['OrderRequest']) => {
      const order = await placeOrder(body)
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
