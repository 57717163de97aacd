'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, type Schemas, take } from '@/api/client'
import { readEvery } from '@/api/pages'
import { leaveFor } from '@/lib/address'

export type Method = Schemas['MethodBody']
export type Collection = Schemas['CollectionBody']
export type Setup = Schemas['SetupBody']

const MOMENT = 2000
const PATIENCE = 20
const PAUSE = 500

/** `customer`: of one, for staff. */
export function useMethods(customer?: string, enabled = true) {
  return useQuery<Method[]>({
    queryKey: ['methods', customer ?? 'own'],
    queryFn: () =>
      readEvery((cursor, limit) => take(api.GET('/api/v1/payments/methods', { params: { query: { cursor, limit, customer_id: customer } } }))),
    enabled,
  })
}

/** What is charged by itself and has not come yet: the newest. Asked again while the bank is. */
export function useCollections(customer?: string) {
  return useQuery<Collection[]>({
    queryKey: ['collections', customer ?? 'own'],
    queryFn: async () => (await take(api.GET('/api/v1/payments/collections', { params: { query: { limit: 50, customer_id: customer } } }))).items,
    refetchInterval: (query) => (query.state.data?.some(({ state }) => state === 'trying') ? MOMENT : false),
  })
}

/** What became of the page on which a card was to be left. */
export function useSetup(id: string | null) {
  const queries = useQueryClient()
  return useQuery<Setup>({
    queryKey: ['setup', id],
    enabled: Boolean(id),
    queryFn: async () => {
      const setup = await take(api.GET('/api/v1/payments/methods/setups/{setup_id}', { params: { path: { setup_id: id ?? '' } } }))
      if (setup.status === 'succeeded') await Promise.all(stale(queries))
      return setup
    },
    refetchInterval: (query) => (query.state.data && ['opening', 'open'].includes(query.state.data.status) ? MOMENT : false),
  })
}

const stale = (queries: ReturnType<typeof useQueryClient>) =>
  ['methods', 'collections', 'subscriptions', 'subscription'].map((name) => queries.invalidateQueries({ queryKey: [name] }))

async function setupPage(): Promise<string | null> {
  for (let round = 0; round < PATIENCE; round += 1) {
    const { setup_url } = await take(api.POST('/api/v1/payments/methods', { body: { consent: true, return_path: '/payment-methods' } }))
    if (setup_url) return setup_url
    await new Promise((over) => setTimeout(over, PAUSE))
  }
  return null
}

/** To the payment provider's page, which alone sees the number. */
export function useAddMethod() {
  return useMutation({
    mutationFn: setupPage,
    onSuccess: (address) => {
      if (address) leaveFor(address)
    },
  })
}

export function useMakeDefault() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => take(api.PUT('/api/v1/payments/methods/{method_id}/default', { params: { path: { method_id: id } } })),
    onSuccess: () => Promise.all(stale(queries)),
  })
}

export function useRefreshMethods() {
  const queries = useQueryClient()
  return () => Promise.all(stale(queries))
}

export function removeMethod(id: string, last: boolean) {
  return take(api.DELETE('/api/v1/payments/methods/{method_id}', { params: { path: { method_id: id }, query: { confirm_last: last } } }))
}
