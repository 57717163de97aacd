'use client'

import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import type { Load } from '@/api/pages'
import { PAGE } from './use-desk'
import { CAP, CSV_CAP, readAll, type Source } from './whole'

/** For lists that may have millions of rows: read page by page as somebody turns to them. The API searches and filters; nothing is sorted here. */
export function useAhead<Row>(key: readonly unknown[], load: Load<Row>, page: number): Source<Row> {
  const query = useInfiniteQuery({
    queryKey: ['staff', ...key, 'ahead'],
    queryFn: ({ pageParam }) => load(pageParam, PAGE),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: 20_000,
  })
  const { data, error, hasNextPage, isFetching, isPlaceholderData, fetchNextPage } = query
  const rows = useMemo(() => data?.pages.flatMap((each) => each.items), [data])
  const read = rows?.length ?? 0
  const ahead = hasNextPage && read < CAP
  // A number, so that each answer asks anew, also one that came at once.
  const missing = ahead && !isPlaceholderData ? Math.max(0, Math.min(page * PAGE, CAP) - read) : 0
  useEffect(() => {
    if (missing > 0 && !isFetching && !error) void fetchNextPage()
  }, [missing, isFetching, error, fetchNextPage])
  return {
    rows,
    whole: Boolean(rows) && !hasNextPage && !isPlaceholderData,
    reading: missing > 0 || isPlaceholderData,
    ahead,
    error,
    again: () => void query.refetch(),
    all: async () => (rows && !hasNextPage && !isPlaceholderData ? { rows, whole: true } : readAll(load, CSV_CAP)),
  }
}
