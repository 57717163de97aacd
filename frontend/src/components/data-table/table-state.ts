'use client'

import { parseAsInteger, parseAsString, useQueryStates } from 'nuqs'
import { useMemo } from 'react'

export interface TableState {
  q: string
  sort: string
  page: number
  chosen: Record<string, string>
  search: (text: string) => void
  sortBy: (sort: string) => void
  turnTo: (page: number) => void
  choose: (key: string, value: string) => void
}

const NONE = parseAsString.withDefault('')

/** Search, sort, page and filters of a table live in the address: a reload, the way back and a link sent to a colleague keep them. */
export function useTableState(filters: readonly string[] = []): TableState {
  const names = filters.join()
  const parsers = useMemo(() => {
    const chosen = Object.fromEntries(
      names
        .split(',')
        .filter(Boolean)
        .map((name) => [name, NONE] as const),
    )
    return { q: NONE, sort: NONE, page: parseAsInteger.withDefault(1), ...chosen }
  }, [names])
  const [state, set] = useQueryStates(parsers, { history: 'push' })
  const values = state as unknown as Record<string, string | number>
  return {
    q: String(values.q),
    sort: String(values.sort),
    page: Math.max(1, Number(values.page)),
    chosen: Object.fromEntries(filters.map((name) => [name, String(values[name] ?? '')])),
    // Typing makes one entry in the history, not one for each letter.
    search: (text) => set({ q: text || null, page: null }, { history: values.q ? 'replace' : 'push' }),
    sortBy: (sort) => set({ sort: sort || null, page: null }),
    turnTo: (page) => set({ page: page > 1 ? page : null }),
    choose: (key, value) => set({ [key]: value || null, page: null }),
  }
}

/** The value where it is one of these: an address may say anything. */
export function among<T extends string>(known: readonly T[], value: string | undefined): T | undefined {
  return known.find((each) => each === value)
}
