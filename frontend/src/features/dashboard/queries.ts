'use client'

import { api, take } from '@/api/client'
import { useEvery } from '@/api/pages'

export function useSubscriptions() {
  return useEvery(['subscriptions'], (cursor, limit) => take(api.GET('/api/v1/subscriptions/', { params: { query: { cursor, limit } } })))
}
