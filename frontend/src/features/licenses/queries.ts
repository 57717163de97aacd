'use client'

import { useQuery } from '@tanstack/react-query'
import { api, take } from '@/api/client'
import { useShownPages } from '@/api/pages'

export function useLicenses() {
  return useShownPages(['licenses'], (cursor, limit) => take(api.GET('/api/v1/licenses', { params: { query: { cursor, limit } } })))
}

export function useLicense(id: string) {
  return useQuery({
    queryKey: ['license', id],
    queryFn: () => take(api.GET('/api/v1/licenses/{license_id}', { params: { path: { license_id: id } } })),
  })
}
