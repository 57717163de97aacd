'use client'

import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api, take } from '@/api/client'
import type { Plan, Tld } from '@/api/server'
import { useCurrency } from '@/features/cart'
import { useCompany } from '@/features/company'

const LONG = 300_000
const PAUSE = 350
const OTHERS = ['com', 'net', 'org', 'de', 'io', 'shop', 'dev', 'co']

function useCatalog(kind: 'hosting' | 'product', given: Plan[]) {
  const { currency } = useCurrency()
  const own = useCompany().currency
  return useQuery<Plan[]>({
    queryKey: ['plans', kind, currency],
    queryFn: async () => (await take(api.GET('/api/v1/plans', { params: { query: { currency, kind } } }))).items,
    initialData: given.length > 0 && currency === own ? given : undefined,
    staleTime: LONG,
  })
}

/** `given`: what the server knew, in the shop's own currency. */
export function usePlans(given: Plan[] = []) {
  return useCatalog('hosting', given)
}

export function useProducts(given: Plan[] = []) {
  return useCatalog('product', given)
}

export function useTlds() {
  const { currency } = useCurrency()
  return useQuery<Tld[]>({
    queryKey: ['tlds', currency],
    queryFn: async () => (await take(api.GET('/api/v1/tlds', { params: { query: { currency } } }))).items,
    staleTime: LONG,
  })
}

/** What was typed first, then the same label under the other endings on sale. */
export function namesFor(text: string, endings: string[]): string[] {
  const typed = text
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/^www\./, '')
    .replace(/[\s/].*$/, '')
  if (!typed) return []
  const [label = '', ...ending] = typed.split('.')
  if (!label) return []
  const first = ending.length > 0 && ending.join('.') ? [typed] : []
  const sold = endings.length > 0 ? OTHERS.filter((each) => endings.includes(each)) : OTHERS
  return [...new Set([...first, ...sold.map((each) => `${label}.${each}`)])].slice(0, 8)
}

/** Asks once the typing pauses. The former result stays in sight meanwhile. */
export function useDomainCheck(names: string[]) {
  const [asked] = useDebouncedValue(names.join(','), PAUSE)
  const { currency } = useCurrency()
  return useQuery({
    queryKey: ['check', asked, currency],
    queryFn: async () => (await take(api.POST('/api/v1/domains/check', { body: { names: asked.split(','), currency } }))).items,
    enabled: asked.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  })
}
