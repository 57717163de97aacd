'use client'

import { api, take } from '@/api/client'
import { useEvery } from '@/api/pages'

export function useAccounts() {
  return useEvery(['accounts'], (cursor, limit) => take(api.GET('/api/v1/hosting/accounts', { params: { query: { cursor, limit } } })))
}
