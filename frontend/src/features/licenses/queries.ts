'use client'

import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, type Schemas, take } from '@/api/client'
import { useOnce } from '@/api/once'
import { useEvery, useShownPages } from '@/api/pages'

export type License = Schemas['LicenseBody']
export type Quota = Schemas['QuotaBody']
export type UsageDay = Schemas['UsageDayBody']
export type UsageHistory = Schemas['UsageHistoryBody']

const CALMLY = 30_000
const NEWEST = 20
const path = (id: string) => ({ path: { license_id: id } })

export function useLicenses() {
  return useShownPages(['licenses'], (cursor, limit) => take(api.GET('/api/v1/licenses', { params: { query: { cursor, limit } } })))
}

export function useLicense(id: string) {
  return useQuery<License>({
    queryKey: ['license', id],
    queryFn: () => take(api.GET('/api/v1/licenses/{license_id}', { params: path(id) })),
    refetchInterval: CALMLY,
  })
}

/** What pays for the account of this name. */
export function useSubscriptionFor(domain: string | null | undefined) {
  const every = useEvery(['subscriptions'], (cursor, limit) => take(api.GET('/api/v1/subscriptions/', { params: { query: { cursor, limit } } })))
  return domain ? every.data?.find((each) => each.domain === domain) : undefined
}

export function useHistory(id: string, from: string) {
  return useQuery<UsageHistory>({
    queryKey: ['usage', 'history', id, from],
    queryFn: () => take(api.GET('/api/v1/usage/history/{license_id}', { params: { ...path(id), query: { from } } })),
    placeholderData: keepPreviousData,
    refetchInterval: CALMLY,
  })
}

export function useReport(id: string, from: string) {
  return useQuery<Schemas['UsageReportBody']>({
    queryKey: ['usage', 'report', id, from],
    queryFn: () => take(api.GET('/api/v1/usage/report', { params: { query: { license_id: id, from } } })),
    placeholderData: keepPreviousData,
    refetchInterval: CALMLY,
  })
}

export function useAlerts(id: string) {
  return useQuery<Schemas['AlertBody'][]>({
    queryKey: ['usage', 'alerts', id],
    queryFn: async () => (await take(api.GET('/api/v1/usage/alerts', { params: { query: { license_id: id, limit: NEWEST } } }))).items,
    refetchInterval: CALMLY,
  })
}

export function useReveal(id: string) {
  return useMutation({ mutationFn: () => take(api.POST('/api/v1/licenses/{license_id}/reveal', { params: path(id) })) })
}

export function useRotate(id: string, onMade: (key: string) => void) {
  const queries = useQueryClient()
  return useOnce({
    mutationFn: () => take(api.POST('/api/v1/licenses/{license_id}/rotate', { params: path(id) })),
    onSuccess: ({ license_key }) => {
      onMade(license_key)
      void queries.invalidateQueries({ queryKey: ['license', id] })
    },
  })
}
