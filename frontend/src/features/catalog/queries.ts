'use client'

import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api, take } from '@/api/client'
import type { Plan, Tld } from '@/api/server'

const LONG = 300_000
const PAUSE = 350
const OTHERS = ['com', 'net', 'org', 'de', 'io', 'shop', 'dev', 'co']

export function usePlans(given: Plan[] = []) {
  return useQuery<Plan[]>({
    queryKey: ['plans'],
    queryFn: async () => (await take(api.GET('/api/v1/plans'))).items,
    initialData: given.length > 0 ? given : undefined,
    staleTime: LONG,
  })
}

export function useTlds() {
  return useQuery<Tld[]>({ queryKey: ['tlds'], queryFn: async () => (await take(api.GET('/api/v1/tlds'))).items, staleTime: LONG })
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
  return useQuery({
    queryKey: ['check', asked],
    queryFn: async () => (await take(api.POST('/api/v1/domains/check', { body: { names: asked.split(',') } }))).items,
    enabled: asked.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  })
}
