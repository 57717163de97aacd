'use client'

import { useQueryClient } from '@tanstack/react-query'
import { api, type Schemas, take } from '@/api/client'

export type Detail = Schemas['SubscriptionDetailBody']
export type Row = Schemas['SubscriptionBody']
export type Foreseen = Schemas['PriceRisePreviewBody']

const path = (id: string) => ({ path: { subscription_id: id } })

/** What the customers' own pages read is read anew too: they share it. */
export function useRefreshed() {
  const queries = useQueryClient()
  return async <T>(deed: Promise<T>): Promise<T> => {
    const done = await deed
    await queries.invalidateQueries({ queryKey: ['subscription'] })
    return done
  }
}

export const cancel = (id: string, body: { at: 'now' | 'period_end'; credit: boolean; reason: string }) =>
  take(api.POST('/api/v1/admin/subscriptions/{subscription_id}/cancel', { params: path(id), body }))

export const reactivate = (id: string, reason: string) =>
  take(api.POST('/api/v1/admin/subscriptions/{subscription_id}/reactivate', { params: path(id), body: { reason } }))

export const pause = (id: string, resumeOn: string, reason: string) =>
  take(api.POST('/api/v1/admin/subscriptions/{subscription_id}/pause', { params: path(id), body: { resume_on: resumeOn || null, reason } }))

export const resume = (id: string, reason: string) =>
  take(api.POST('/api/v1/admin/subscriptions/{subscription_id}/resume', { params: path(id), body: { reason } }))

export const mend = (id: string, reason: string) =>
  take(api.POST('/api/v1/admin/subscriptions/{subscription_id}/mend', { params: path(id), body: { reason } }))

export const withdraw = (id: string, changeId: string, reason: string) =>
  take(
    api.POST('/api/v1/admin/subscriptions/{subscription_id}/changes/{change_id}/withdraw', {
      params: { path: { subscription_id: id, change_id: changeId } },
      body: { reason },
    }),
  )

export const chargeAgain = (payableId: string, reason: string) =>
  take(api.POST('/api/v1/payments/collections/{payable_id}/retry', { params: { path: { payable_id: payableId } }, body: { reason } }))

export const foresee = (planId: string, priceId: string, notBefore: string): Promise<Foreseen> =>
  take(api.GET('/api/v1/admin/subscriptions/price-rises', { params: { query: { plan_id: planId, price_id: priceId, not_before: notBefore } } }))

export const announce = (planId: string, priceId: string, notBefore: string, reason: string) =>
  take(api.POST('/api/v1/admin/subscriptions/price-rises', { body: { plan_id: planId, price_id: priceId, not_before: notBefore, reason } }))
