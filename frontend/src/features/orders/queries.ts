'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, type Schemas, take } from '@/api/client'
import { findRow, readEvery, useShownPages } from '@/api/pages'
import { leaveFor } from '@/lib/address'
import { waitsForAddress } from './course'
import { payOrder } from './pay'

export type Order = Schemas['OrderBody']
export type OrderLine = Schemas['OrderLineBody']
const OFTEN = 1000
const RARELY = 5000
const OPEN = ['pending', 'paid'] as const

export function isFinal(order: Order): boolean {
  return order.state === 'completed' || order.state === 'cancelled'
}

/** Delivery takes seconds: look each second. What waits for a person may wait for days. */
function pause(order: Order, verified: boolean): number | false {
  if (isFinal(order)) return false
  const moving = order.lines.some((line) => ['waiting', 'requested', 'delivered'].includes(line.state))
  return order.state === 'paid' && moving && !waitsForAddress(order, verified) ? OFTEN : RARELY
}

export function useOrder(id: string, verified: boolean) {
  return useQuery<Order>({
    queryKey: ['order', id],
    queryFn: () => take(api.GET('/api/v1/orders/{order_id}', { params: { path: { order_id: id } } })),
    refetchInterval: (query) => {
      if (!query.state.data) return false
      // While nobody answers, asking each second helps nobody.
      return query.state.error ? RARELY : pause(query.state.data, verified)
    },
  })
}

export function useOrders() {
  return useShownPages(['orders'], (cursor, limit) => take(api.GET('/api/v1/orders', { params: { query: { cursor, limit } } })))
}

/** All that is not finished, the newest first. */
export function useOpenOrders() {
  return useQuery<Order[]>({
    queryKey: ['orders', 'open'],
    queryFn: async () => {
      const found = await Promise.all(
        OPEN.map((state) => readEvery<Order>((cursor, limit) => take(api.GET('/api/v1/orders', { params: { query: { state, cursor, limit } } })))),
      )
      return found.flat().sort((one, other) => other.placed_at.localeCompare(one.placed_at))
    },
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
      return findRow(
        (cursor, limit) => take(api.GET('/api/v1/payments/', { params: { query: { cursor, limit } } })),
        (payment) => payment.payable_id === payable_id,
      )
    },
  })
}

export function usePay(orderId: string) {
  return useMutation({
    mutationFn: () => payOrder(orderId),
    onSuccess: (address) => {
      if (address) leaveFor(address)
    },
  })
}

function useChange<Input>(orderId: string, mutationFn: (input: Input) => Promise<unknown>) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn,
    onSuccess: () => Promise.all([queries.invalidateQueries({ queryKey: ['order', orderId] }), queries.invalidateQueries({ queryKey: ['orders'] })]),
  })
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
