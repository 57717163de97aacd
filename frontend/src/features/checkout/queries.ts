'use client'

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Problem, type Schemas } from '@/api/client'
import { setCoupon, writeCart } from '@/features/cart'
import { isCouponRefusal } from '@/features/cart/quote'
import { payOrder } from '@/features/orders'
import { leaveFor } from '@/lib/address'
import { placeOrder } from './place'

/** What changed while the customer read: the sums are asked for again, and shown beside the reason. */
const outdated = (error: unknown) => isCouponRefusal(error) || (error instanceof Problem && error.code === 'price_changed')

export function usePlaceOrder() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async (body: Schemas['OrderRequest']) => {
      const order = await placeOrder(body)
      writeCart([])
      setCoupon('')
      // An order over nothing is confirmed as it is placed: there is no payment to make, and delivery has begun.
      return order.state === 'pending' && order.total.amount > 0 ? toPayment(order.id) : `/orders/${order.id}`
    },
    onSuccess: leaveFor,
    onError: (error) => (outdated(error) ? queries.invalidateQueries({ queryKey: ['quote'] }) : undefined),
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
