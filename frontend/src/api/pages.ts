'use client'

import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'

export interface Chunk<Row> {
  items: Row[]
  next_cursor?: string | null
}

export type Load<Row> = (cursor: string | undefined, limit: number) => Promise<Chunk<Row>>

const SHOWN = 25
const READ = 100

/** A list of which more is loaded upon a button. */
export function useShownPages<Row>(key: readonly unknown[], load: Load<Row>) {
  const query = useInfiniteQuery({
    queryKey: [...key, 'pages'],
    queryFn: ({ pageParam }) => load(pageParam, SHOWN),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  })
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items), [query.data])
  return {
    rows,
    error: query.error,
    again: () => void query.refetch(),
    hasMore: query.hasNextPage,
    loading: query.isFetchingNextPage,
    more: () => void query.fetchNextPage(),
  }
}

export type ShownPages<Row> = ReturnType<typeof useShownPages<Row>>

/** Every row, page after page: for what is looked up in rather than read. */
export async function readEvery<Row>(load: Load<Row>): Promise<Row[]> {
  const rows: Row[] = []
  let cursor: string | undefined
  do {
    const chunk = await load(cursor, READ)
    rows.push(...chunk.items)
    cursor = chunk.next_cursor ?? undefined
  } while (cursor)
  return rows
}

export function useEvery<Row>(key: readonly unknown[], load: Load<Row>) {
  return useQuery({ queryKey: [...key, 'every'], queryFn: () => readEvery(load) })
}

/** The first row that fits, without reading further than to it. */
export async function findRow<Row>(load: Load<Row>, fits: (row: Row) => boolean): Promise<Row | null> {
  let cursor: string | undefined
  do {
    const chunk = await load(cursor, READ)
    const found = chunk.items.find(fits)
    if (found) return found
    cursor = chunk.next_cursor ?? undefined
  } while (cursor)
  return null
}
