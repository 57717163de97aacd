'use client'

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { api, type Schemas, take } from '@/api/client'
import { useOnce } from '@/api/once'
import { useShownPages } from '@/api/pages'

export type Domain = Schemas['DomainBody']
export type DomainRenewal = Schemas['DomainRenewalBody']
export type Wish = Schemas['WishBody']

const CALMLY = 30_000
const path = (id: string) => ({ path: { domain_id: id } })

export function useOwnDomains() {
  return useShownPages(['domains'], (cursor, limit) => take(api.GET('/api/v1/domains/', { params: { query: { cursor, limit } } })))
}

export function useDomain(id: string) {
  return useQuery<Domain>({ queryKey: ['domain', id], queryFn: () => take(api.GET('/api/v1/domains/{domain_id}', { params: path(id) })) })
}

export function useRenewal(id: string) {
  return useQuery<DomainRenewal>({
    queryKey: ['domain', id, 'renewal'],
    queryFn: () => take(api.GET('/api/v1/domains/{domain_id}/renewal', { params: path(id) })),
    refetchInterval: CALMLY,
  })
}

/** What its holder wishes of the renewal; the answer is what is shown from then on. */
export function useWish(id: string) {
  const client = useQueryClient()
  return useOnce<DomainRenewal, Wish>({
    mutationFn: (wish) => take(api.PATCH('/api/v1/domains/{domain_id}/renewal', { params: path(id), body: wish })),
    onSuccess: (renewal) => client.setQueryData(['domain', id, 'renewal'], renewal),
  })
}
