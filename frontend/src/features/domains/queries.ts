'use client'

import { api, take } from '@/api/client'
import { useShownPages } from '@/api/pages'

export function useOwnDomains() {
  return useShownPages(['domains'], (cursor, limit) => take(api.GET('/api/v1/domains/', { params: { query: { cursor, limit } } })))
}
