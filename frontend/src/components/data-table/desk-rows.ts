import type { ReactNode } from 'react'
import type { Cell } from './csv'

export interface DeskColumn<Row> {
  key: string
  title: string
  number?: boolean
  render: (row: Row) => ReactNode
  /** What is sorted by and searched in, and what goes into the CSV where `csv` says nothing else. Without it the column is for the eye only. */
  value?: (row: Row) => Cell
  csv?: (row: Row) => Cell
  /** Only in the CSV, such as a currency. */
  hidden?: boolean
}

export interface DeskFilter<Row> {
  key: string
  /** Such as "All states": what is chosen where nothing is. */
  all: string
  options: readonly { value: string; label: string }[]
  /** Where the API does not filter, the browser does. */
  test?: (row: Row, value: string) => boolean
}

export interface Sort {
  key: string
  down: boolean
}

/** `-placed` is placed, the highest first. */
export function parseSort(text: string): Sort | null {
  if (!text) return null
  return text.startsWith('-') ? { key: text.slice(1), down: true } : { key: text, down: false }
}

/** Each press on a column's head goes one on: up, down, as the API gave it. */
export function nextSort(text: string, key: string): string {
  if (text === key) return `-${key}`
  return text === `-${key}` ? '' : key
}

function compare(a: Cell, b: Cell): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a).localeCompare(String(b), undefined, { numeric: true, sensitivity: 'base' })
}

/** What has no value comes last, whichever way it is sorted. */
export function sortRows<Row>(rows: readonly Row[], columns: readonly DeskColumn<Row>[], sort: Sort | null): Row[] {
  const value = columns.find((column) => column.key === sort?.key)?.value
  if (!sort || !value) return [...rows]
  const way = sort.down ? -1 : 1
  const empty = (cell: Cell) => cell === null || cell === undefined || cell === ''
  return [...rows].sort((left, right) => {
    const [a, b] = [value(left), value(right)]
    if (empty(a) || empty(b)) return Number(empty(a)) - Number(empty(b))
    return way * compare(a, b)
  })
}

/** Every word that is looked for must be somewhere in the row. */
export function searchRows<Row>(rows: readonly Row[], columns: readonly DeskColumn<Row>[], text: string): Row[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return [...rows]
  return rows.filter((row) => {
    const whole = columns.map((column) => String(column.value?.(row) ?? '')).join('\n')
    return words.every((word) => whole.toLowerCase().includes(word))
  })
}

export function filterRows<Row>(rows: readonly Row[], filters: readonly DeskFilter<Row>[], chosen: Record<string, string>): Row[] {
  const active = filters.filter((filter) => filter.test && chosen[filter.key])
  return rows.filter((row) => active.every((filter) => filter.test?.(row, chosen[filter.key] ?? '')))
}

export function csvRows<Row>(rows: readonly Row[], columns: readonly DeskColumn<Row>[]): Cell[][] {
  const written = columns.filter((column) => column.value || column.csv)
  return [written.map((column) => column.title), ...rows.map((row) => written.map((column) => (column.csv ?? column.value)?.(row)))]
}
