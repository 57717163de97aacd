'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, type Schemas, take } from '@/api/client'
import { payOrder } from '@/features/checkout/queries'

export type Order = Schemas['OrderBody']
export type OrderLine = Schemas['OrderLineBody']
const OFTEN = 1000
const RARELY = 5000
const AT_ONCE = 50

export function isFinal(order: Order | undefined): boolean {
  return order?.state === 'completed' || order?.state === 'cancelled'
}

/** Delivery takes seconds: look each second. What waits for a person may wait for days. */
function pause(order: Order | undefined): number | false {
  if (isFinal(order)) return false
  return order?.state === 'paid' && order.lines.some((line) => ['waiting', 'requested', 'delivered'].includes(line.state)) ? OFTEN : RARELY
}

export function useOrder(id: string) {
  return useQuery<Order>({
    queryKey: ['order', id],
    queryFn: () => take(api.GET('/api/v1/orders/{order_id}', { params: { path: { order_id: id } } })),
    refetchInterval: (query) => (query.state.data ? pause(query.state.data) : false),
  })
}

export function useOrders() {
  return useQuery<Order[]>({
    queryKey: ['orders'],
    queryFn: async () => (await take(api.GET('/api/v1/orders', { params: { query: { limit: AT_ONCE } } }))).items,
  })
}

/** The latest attempt to pay an order that is not paid yet. */
export function useLastAttempt(order: Order | undefined) {
  const proforma = order?.state === 'pending' ? order.proforma_id : null
  return useQuery({
    queryKey: ['attempt', order?.id],
    enabled: Boolean(proforma),
    refetchInterval: RARELY,
    queryFn: async () => {
      const { payable_id } = await take(api.GET('/api/v1/invoices/proformas/{proforma_id}', { params: { path: { proforma_id: proforma ?? '' } } }))
      const { items } = await take(api.GET('/api/v1/payments/', { params: { query: { limit: AT_ONCE } } }))
      return items.find((payment) => payment.payable_id === payable_id) ?? null
    },
  })
}

export function usePay(orderId: string) {
  return useMutation({
    mutationFn: () => payOrder(orderId),
    onSuccess: (address) => {
      if (address) window.location.assign(address)
    },
  })
}

function useChange<Input>(orderId: string, mutationFn: (input: Input) => Promise<unknown>) {
  const queries = useQueryClient()
  return useMutation({ mutationFn, onSuccess: () => queries.invalidateQueries({ queryKey: ['order', orderId] }) })
}

export function useChooseName(orderId: string, lineId: string) {
  const path = { order_id: orderId, line_id: lineId }
  return useChange(orderId, (name: string) =>
    take(api.POST('/api/v1/orders/{order_id}/lines/{line_id}/domain', { params: { path }, body: { name } })),
  )
}

/** Without a line: the whole order. */
export function useCancel(orderId: string, lineId?: string) {
  return useChange(orderId, (reason: string) => {
    const body = { reason: reason || null }
    return lineId
      ? take(api.POST('/api/v1/orders/{order_id}/lines/{line_id}/cancel', { params: { path: { order_id: orderId, line_id: lineId } }, body }))
      : take(api.POST('/api/v1/orders/{order_id}/cancel', { params: { path: { order_id: orderId } }, body }))
  })
}
