'use client'

import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, type Schemas, take } from '@/api/client'
import { useShownPages } from '@/api/pages'
import { leaveFor } from '@/lib/address'
import type { Wish } from './wish'

export type Subscription = Schemas['SubscriptionBody']
export type Detail = Schemas['SubscriptionDetailBody']
export type Change = Schemas['SubscriptionChangeBody']
export type Preview = Schemas['ChangePreviewBody']
export type History = Schemas['HistoryBody']
export type Plan = Schemas['PlanBody']

const CALMLY = 30_000
const OFTEN = 2000
const LONG = 300_000
const path = (id: string) => ({ path: { subscription_id: id } })

export function useSubscriptionList() {
  return useShownPages<Subscription>(['subscriptions'], (cursor, limit) =>
    take(api.GET('/api/v1/subscriptions/', { params: { query: { cursor, limit } } })),
  )
}

/** `often`: somebody has just paid, and the news of it is on its way. */
export function useSubscription(id: string, often = false) {
  return useQuery<Detail>({
    queryKey: ['subscription', id],
    queryFn: () => take(api.GET('/api/v1/subscriptions/{subscription_id}', { params: path(id) })),
    refetchInterval: often ? OFTEN : CALMLY,
  })
}

export function useChanges(id: string, often = false) {
  return useQuery<Change[]>({
    queryKey: ['subscription', id, 'changes'],
    queryFn: () => take(api.GET('/api/v1/subscriptions/{subscription_id}/changes', { params: path(id) })),
    refetchInterval: often ? OFTEN : CALMLY,
  })
}

export function useHistoryOf(id: string) {
  return useShownPages<History>(['subscription', id, 'history'], (cursor, limit) =>
    take(api.GET('/api/v1/subscriptions/{subscription_id}/history', { params: { ...path(id), query: { cursor, limit } } })),
  )
}

/** What may be changed to, in the currency that it is paid in. */
export function useOffers(kind: 'hosting' | 'product', currency: string, enabled = true) {
  return useQuery<Plan[]>({
    queryKey: ['plans', kind, currency],
    queryFn: async () => (await take(api.GET('/api/v1/plans', { params: { query: { currency, kind } } }))).items,
    staleTime: LONG,
    enabled,
  })
}

/** Asked while somebody chooses; nothing is changed by it. */
export function usePreview(id: string, wish: (Wish & { at_once?: boolean }) | null, staff: boolean) {
  return useQuery<Preview>({
    queryKey: ['subscription', id, 'preview', wish, staff],
    queryFn: () =>
      staff
        ? take(api.POST('/api/v1/admin/subscriptions/{subscription_id}/preview', { params: path(id), body: { at_once: false, ...wish } }))
        : take(api.POST('/api/v1/subscriptions/{subscription_id}/preview', { params: path(id), body: wish ?? {} })),
    enabled: wish !== null,
    placeholderData: keepPreviousData,
    retry: false,
    // It is of this day and of what is in use now.
    staleTime: 0,
    gcTime: 0,
  })
}

export interface Order extends Wish {
  quote: string
  at_once?: boolean
  reason?: string
}

export function askChange(id: string, { at_once, reason, ...order }: Order, staff: boolean) {
  if (!staff) return take(api.PUT('/api/v1/subscriptions/{subscription_id}', { params: path(id), body: order }))
  const body = { ...order, at_once: at_once ?? false, reason: reason || null }
  return take(api.PUT('/api/v1/admin/subscriptions/{subscription_id}', { params: path(id), body }))
}

const PATIENCE = 20
const PAUSE = 500

/** The address of the payment page of what a change waits for; while it is being opened we ask again. */
async function checkoutOf(payableId: string, subscriptionId: string, saveCard: boolean): Promise<string | null> {
  const body = { payable_id: payableId, return_path: `/subscriptions/${subscriptionId}?paid=1`, save_card: saveCard }
  for (let round = 0; round < PATIENCE; round += 1) {
    const { checkout_url } = await take(api.POST('/api/v1/payments/intent', { body }))
    if (checkout_url) return checkout_url
    await new Promise((over) => setTimeout(over, PAUSE))
  }
  return null
}

export function usePayChange(id: string) {
  return useMutation({
    mutationFn: (payableId: string) => checkoutOf(payableId, id, false),
    onSuccess: (address) => {
      if (address) leaveFor(address)
    },
  })
}

/** Everything that shows this subscription is read anew. */
export function useRefresh(id: string) {
  const queries = useQueryClient()
  return () =>
    Promise.all(
      [['subscription', id], ['subscriptions'], ['licenses'], ['license'], ['invoices'], ['credit']].map((queryKey) =>
        queries.invalidateQueries({ queryKey }),
      ),
    )
}

export const deeds = {
  withdraw: (id: string, changeId: string) =>
    take(
      api.POST('/api/v1/subscriptions/{subscription_id}/changes/{change_id}/withdraw', {
        params: { path: { subscription_id: id, change_id: changeId } },
      }),
    ),
  cancel: (id: string, at: 'now' | 'period_end', reason: string) =>
    take(api.POST('/api/v1/subscriptions/{subscription_id}/cancel', { params: path(id), body: { at, reason: reason || null } })),
  reactivate: (id: string) => take(api.POST('/api/v1/subscriptions/{subscription_id}/reactivate', { params: path(id) })),
  pause: (id: string, resumeOn: string) =>
    take(api.POST('/api/v1/subscriptions/{subscription_id}/pause', { params: path(id), body: { resume_on: resumeOn || null } })),
  resume: (id: string) => take(api.POST('/api/v1/subscriptions/{subscription_id}/resume', { params: path(id), body: {} })),
}
