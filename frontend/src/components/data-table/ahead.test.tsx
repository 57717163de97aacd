import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { renderHook, waitFor } from '@testing-library/react'
import type { ReactNode } from 'react'
import { expect, test } from 'vitest'
import { useAhead } from './ahead'
import { useDeskView } from './use-desk'

function shop(size: number) {
  const asked: (string | undefined)[] = []
  const load = async (cursor: string | undefined, limit: number) => {
    asked.push(cursor)
    const from = Number(cursor ?? 0)
    const items = Array.from({ length: Math.min(limit, size - from) }, (_, at) => from + at)
    const next = from + items.length
    return { items, next_cursor: next < size ? String(next) : null }
  }
  return { asked, load }
}

const NOTHING = () => undefined

function open(size: number, page: number) {
  const { asked, load } = shop(size)
  const queries = new QueryClient()
  const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={queries}>{children}</QueryClientProvider>
  const use = (turned: number) => {
    const source = useAhead(['rows'], load, turned)
    const state = { q: '', sort: '', page: turned, chosen: {}, search: NOTHING, sortBy: NOTHING, turnTo: NOTHING, choose: NOTHING }
    return useDeskView({ source, columns: [], filters: [], state, searchedByApi: true })
  }
  return { asked, ...renderHook(use, { wrapper, initialProps: page }) }
}

test('of a million rows only the page that is looked at is read', async () => {
  const { result, asked, rerender } = open(1_000_000, 1)
  await waitFor(() => expect(result.current.rows).toHaveLength(50))
  expect(result.current).toMatchObject({ pages: 2, page: 1, orderly: false })
  expect(asked).toEqual([undefined])
  rerender(2)
  await waitFor(() => expect(result.current.rows?.[0]).toBe(50))
  expect(result.current).toMatchObject({ pages: 3, page: 2 })
  expect(asked).toEqual([undefined, '50'])
})

test('an address that names a later page is read up to there', async () => {
  const { result, asked } = open(500, 4)
  await waitFor(() => expect(result.current.rows?.[0]).toBe(150))
  expect(result.current.page).toBe(4)
  expect(asked).toEqual([undefined, '50', '100', '150'])
})

test('the last page is the last: all is here and can be sorted', async () => {
  const { result } = open(70, 9)
  await waitFor(() => expect(result.current.orderly && result.current.rows).toHaveLength(20))
  expect(result.current).toMatchObject({ pages: 2, page: 2, found: 70 })
})
