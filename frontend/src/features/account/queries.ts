'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, type Schemas, take } from '@/api/client'

export type Customer = Schemas['CustomerBody']
const PROFILE = ['profile'] as const

export function useProfile(enabled = true) {
  return useQuery<Customer>({ queryKey: PROFILE, queryFn: () => take(api.GET('/api/v1/customers/me')), enabled })
}

export function useSaveProfile() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async ({ profile, address }: { profile: Schemas['ProfileBody']; address: Schemas['AddressBody'] }) => {
      await take(api.PATCH('/api/v1/customers/me', { body: profile }))
      return take(api.PUT('/api/v1/customers/me/address', { body: address }))
    },
    onSuccess: (customer) => {
      queries.setQueryData(PROFILE, customer)
      return queries.invalidateQueries({ queryKey: ['quote'] })
    },
  })
}
