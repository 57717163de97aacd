import { act, renderHook } from '@testing-library/react'
import { NuqsTestingAdapter, type UrlUpdateEvent } from 'nuqs/adapters/testing'
import type { ReactNode } from 'react'
import { expect, test } from 'vitest'
import { among, useTableState } from './table-state'

function open(address: string) {
  const updates: UrlUpdateEvent[] = []
  const wrapper = ({ children }: { children: ReactNode }) => (
    <NuqsTestingAdapter searchParams={address} onUrlUpdate={(update) => updates.push(update)} hasMemory>
      {children}
    </NuqsTestingAdapter>
  )
  return { ...renderHook(() => useTableState(['state', 'customer']), { wrapper }), updates }
}

test('a reload finds search, sort, page and filters again', () => {
  const { result } = open('?q=ada&sort=-total&page=3&state=paid')
  expect(result.current).toMatchObject({ q: 'ada', sort: '-total', page: 3, chosen: { state: 'paid', customer: '' } })
})

test('an address that says nonsense is the first page', () => {
  expect(open('?page=-7').result.current.page).toBe(1)
  expect(open('?page=x').result.current.page).toBe(1)
})

test('a filter goes into the address and back to the first page; empty things leave no trace', async () => {
  const { result, updates } = open('?page=3&sort=total')
  await act(async () => result.current.choose('state', 'open'))
  expect(updates.at(-1)?.queryString).toBe('?sort=total&state=open')
  await act(async () => result.current.choose('state', ''))
  expect(updates.at(-1)?.queryString).toBe('?sort=total')
})

test('typing on makes one entry in the history, not one for each letter', async () => {
  const { result, updates } = open('')
  await act(async () => result.current.search('a'))
  await act(async () => result.current.search('ad'))
  expect(updates.map((update) => update.options.history)).toEqual(['push', 'replace'])
  expect(result.current.q).toBe('ad')
})

test('only known values are passed on to the API', () => {
  expect(among(['paid', 'open'], 'open')).toBe('open')
  expect(among(['paid', 'open'], 'drop table')).toBeUndefined()
})
