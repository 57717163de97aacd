'use client'

import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import type { Load } from '@/api/pages'

/** So many rows a table reads to sort and search in them. */
export const CAP = 2000
/** So many rows a CSV has at most. */
export const CSV_CAP = 10_000
const AT_ONCE = 200

export interface Source<Row> {
  rows: Row[] | undefined
  /** All that the API has for these filters is here. */
  whole: boolean
  /** More is on its way. */
  reading: boolean
  /** There are more, which are read when somebody turns to them. */
  ahead?: boolean
  error: unknown
  again: () => void
  all: () => Promise<{ rows: Row[]; whole: boolean }>
}

export async function readAll<Row>(load: Load<Row>, cap: number): Promise<{ rows: Row[]; whole: boolean }> {
  const rows: Row[] = []
  let cursor: string | undefined
  do {
    const chunk = await load(cursor, AT_ONCE)
    rows.push(...chunk.items)
    cursor = chunk.next_cursor ?? undefined
  } while (cursor && rows.length < cap)
  return { rows: rows.slice(0, cap), whole: !cursor && rows.length <= cap }
}

/** Page after page up to the cap; the first is shown while the others come. */
export function useWhole<Row>(key: readonly unknown[], load: Load<Row>, poll?: number): Source<Row> {
  const query = useInfiniteQuery({
    queryKey: ['staff', ...key],
    queryFn: ({ pageParam }) => load(pageParam, AT_ONCE),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    // Long lists are not asked for anew in full while somebody reads them.
    refetchInterval: (running) => (poll && (running.state.data?.pages.length ?? 0) <= 1 ? poll : false),
    staleTime: 20_000,
  })
  const { data, error, hasNextPage, isFetching, isPlaceholderData, fetchNextPage } = query
  const rows = useMemo(() => data?.pages.flatMap((page) => page.items), [data])
  const more = hasNextPage && !isPlaceholderData && (rows?.length ?? 0) < CAP
  useEffect(() => {
    if (more && !isFetching && !error) void fetchNextPage()
  }, [more, isFetching, error, fetchNextPage])
  return {
    rows,
    whole: Boolean(rows) && !hasNextPage && !isPlaceholderData,
    reading: more || isPlaceholderData,
    error,
    again: () => void query.refetch(),
    all: async () => (rows && !hasNextPage && !isPlaceholderData ? { rows, whole: true } : readAll(load, CSV_CAP)),
  }
}
