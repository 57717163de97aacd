'use client'

import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, take } from '@/api/client'
import { useOnce } from '@/api/once'
import { useShownPages } from '@/api/pages'
import { ask, type Chunk, type License, type UsageAlert, type UsageHistory, type UsageReport } from './contract'

const CALMLY = 30_000
const NEWEST = 20

export function useLicenses() {
  return useShownPages(['licenses'], (cursor, limit) => ask<Chunk<License>>('GET', '/api/v1/licenses', { params: { query: { cursor, limit } } }))
}

export function useLicense(id: string) {
  return useQuery<License>({
    queryKey: ['license', id],
    queryFn: () => ask('GET', '/api/v1/licenses/{license_id}', { params: { path: { license_id: id } } }),
    refetchInterval: CALMLY,
  })
}

export function useHistory(id: string, from: string) {
  return useQuery<UsageHistory>({
    queryKey: ['usage', 'history', id, from],
    queryFn: () => ask('GET', '/api/v1/usage/history/{license_id}', { params: { path: { license_id: id }, query: { from } } }),
    placeholderData: keepPreviousData,
    refetchInterval: CALMLY,
  })
}

export function useReport(id: string, from: string) {
  return useQuery<UsageReport>({
    queryKey: ['usage', 'report', id, from],
    queryFn: () => ask('GET', '/api/v1/usage/report', { params: { query: { license_id: id, from } } }),
    placeholderData: keepPreviousData,
    refetchInterval: CALMLY,
  })
}

export function useAlerts(id: string) {
  return useQuery<UsageAlert[]>({
    queryKey: ['usage', 'alerts', id],
    queryFn: async () =>
      (await ask<Chunk<UsageAlert>>('GET', '/api/v1/usage/alerts', { params: { query: { license_id: id, limit: NEWEST } } })).items,
    refetchInterval: CALMLY,
  })
}

export function useReveal(id: string) {
  return useMutation({
    mutationFn: () => take(api.POST('/api/v1/licenses/{license_id}/reveal', { params: { path: { license_id: id } } })),
  })
}

export function useRotate(id: string, onMade: (key: string) => void) {
  const queries = useQueryClient()
  return useOnce({
    mutationFn: () =>
      ask<{ license_key: string }>('POST', '/api/v1/licenses/{license_id}/rotate', { params: { path: { license_id: id } }, body: {} }),
    onSuccess: ({ license_key }) => {
      onMade(license_key)
      void queries.invalidateQueries({ queryKey: ['license', id] })
    },
  })
}
