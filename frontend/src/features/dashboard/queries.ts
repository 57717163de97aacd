'use client'

import { useQuery } from '@tanstack/react-query'
import { api, take } from '@/api/client'

const query = { limit: 100 }

export function useSubscriptions() {
  return useQuery({ queryKey: ['subscriptions'], queryFn: async () => (await take(api.GET('/api/v1/subscriptions/', { params: { query } }))).items })
}

export function useAccounts() {
  return useQuery({ queryKey: ['accounts'], queryFn: async () => (await take(api.GET('/api/v1/hosting/accounts', { params: { query } }))).items })
}

export function useLicenses() {
  return useQuery({ queryKey: ['licenses'], queryFn: async () => (await take(api.GET('/api/v1/licenses', { params: { query } }))).items })
}

export function useLicense(id: string) {
  return useQuery({
    queryKey: ['license', id],
    queryFn: () => take(api.GET('/api/v1/licenses/{license_id}', { params: { path: { license_id: id } } })),
  })
}

export function useOwnDomains() {
  return useQuery({ queryKey: ['domains'], queryFn: async () => (await take(api.GET('/api/v1/domains/', { params: { query } }))).items })
}
