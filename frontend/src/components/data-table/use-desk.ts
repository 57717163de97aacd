'use client'

import { useEffect, useRef, useState } from 'react'
import { saveCsv } from './csv'
import { csvRows, type DeskColumn, type DeskFilter, filterRows, parseSort, searchRows, sortRows } from './desk-rows'
import type { TableState } from './table-state'
import type { Source } from './whole'

export const PAGE = 50

export interface DeskView<Row> {
  /** This page's rows; undefined while they are not known. */
  rows: Row[] | undefined
  found: number
  pages: number
  page: number
  /** Sorting and searching tell the truth: all rows are here. */
  orderly: boolean
}

export interface DeskParts<Row> {
  source: Source<Row>
  columns: readonly DeskColumn<Row>[]
  filters: readonly DeskFilter<Row>[]
  state: TableState
  searchedByApi: boolean
}

function arrange<Row>(rows: readonly Row[], { columns, filters, state, searchedByApi }: DeskParts<Row>): Row[] {
  const kept = filterRows(rows, filters, state.chosen)
  return sortRows(searchedByApi ? kept : searchRows(kept, columns, state.q), columns, parseSort(state.sort))
}

/** What of the rows is shown. A part of them is never sorted or searched as if it were all. */
export function useDeskView<Row>(parts: DeskParts<Row>): DeskView<Row> {
  const { source, state, filters, searchedByApi } = parts
  const asksBrowser = Boolean(state.sort || (state.q && !searchedByApi) || filters.some((filter) => filter.test && state.chosen[filter.key]))
  const ready = source.rows && (source.whole || !source.reading || !asksBrowser)
  // A part of them stays as the API gave it.
  const arranged = source.rows && ready ? (source.whole ? arrange(source.rows, parts) : source.rows) : undefined
  const known = Math.max(1, Math.ceil((arranged?.length ?? 0) / PAGE))
  const pages = source.ahead ? known + 1 : known
  const page = Math.min(state.page, pages)
  return {
    // The page that somebody turned to is still being read.
    rows: page > known ? undefined : arranged?.slice((page - 1) * PAGE, page * PAGE),
    found: arranged?.length ?? 0,
    pages,
    page,
    orderly: !source.rows || source.whole || (source.reading && !source.ahead),
  }
}

/** `save`: where the API writes the file itself. */
export function useDownload<Row>(name: string, parts: DeskParts<Row>, save?: () => Promise<void>) {
  const [state, setState] = useState<{ busy: boolean; cut: boolean; error: unknown }>({ busy: false, cut: false, error: null })
  const download = async () => {
    setState({ busy: true, cut: false, error: null })
    try {
      if (save) {
        await save()
        setState({ busy: false, cut: false, error: null })
        return
      }
      const { rows, whole } = await parts.source.all()
      saveCsv(name, csvRows(arrange(rows, parts), parts.columns))
      setState({ busy: false, cut: !whole, error: null })
    } catch (error) {
      setState({ busy: false, cut: false, error })
    }
  }
  return { ...state, download }
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}

/** `/` goes to the search, `j` and `k` from row to row; Enter opens, for what is reached is a link. */
export function useDeskKeys() {
  const search = useRef<HTMLInputElement>(null)
  const body = useRef<HTMLTableSectionElement>(null)
  useEffect(() => {
    const step = (way: number) => {
      const links = [...(body.current?.rows ?? [])].map((row) => row.querySelector<HTMLElement>('a, button')).filter((link) => link !== null)
      const here = links.findIndex((link) => link.closest('tr')?.contains(document.activeElement))
      const next = here < 0 ? 0 : Math.min(links.length - 1, Math.max(0, here + way))
      links[next]?.focus()
      links[next]?.scrollIntoView({ block: 'nearest' })
    }
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector('[role=dialog]')) return
      if (event.key === '/' && search.current) search.current.focus()
      else if (event.key === 'j') step(1)
      else if (event.key === 'k') step(-1)
      else return
      event.preventDefault()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  return { search, body }
}
