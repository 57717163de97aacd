import { expect, test } from 'vitest'
import { csvRows, type DeskColumn, filterRows, nextSort, parseSort, searchRows, sortRows } from './desk-rows'

interface Row {
  name: string | null
  total: number
}

const columns: DeskColumn<Row>[] = [
  { key: 'name', title: 'Name', value: (row) => row.name, render: (row) => row.name },
  { key: 'total', title: 'Total', value: (row) => row.total, csv: (row) => row.total / 100, render: (row) => row.total },
  { key: 'do', title: 'Actions', render: () => 'button' },
]
const rows: Row[] = [
  { name: 'ORD-10', total: 900 },
  { name: null, total: 5 },
  { name: 'ord-9', total: 1000 },
]
const names = (sorted: Row[]) => sorted.map((row) => row.name)

test('a column sorts up, then down, then not at all', () => {
  expect(nextSort('', 'name')).toBe('name')
  expect(nextSort('name', 'name')).toBe('-name')
  expect(nextSort('-name', 'name')).toBe('')
  expect(nextSort('-name', 'total')).toBe('total')
  expect(parseSort('-total')).toEqual({ key: 'total', down: true })
  expect(parseSort('')).toBeNull()
})

test('numbers inside words count, and what is empty comes last both ways', () => {
  expect(names(sortRows(rows, columns, parseSort('name')))).toEqual(['ord-9', 'ORD-10', null])
  expect(names(sortRows(rows, columns, parseSort('-name')))).toEqual(['ORD-10', 'ord-9', null])
})

test('numbers sort as numbers, and what cannot be sorted stays as it came', () => {
  expect(sortRows(rows, columns, parseSort('total')).map((row) => row.total)).toEqual([5, 900, 1000])
  expect(sortRows(rows, columns, parseSort('do'))).toEqual(rows)
  expect(sortRows(rows, columns, parseSort('unheard-of'))).toEqual(rows)
})

test('each word that is looked for must be in the row', () => {
  expect(names(searchRows(rows, columns, 'ord 10'))).toEqual(['ORD-10', 'ord-9'])
  expect(names(searchRows(rows, columns, 'ORD 900'))).toEqual(['ORD-10'])
  expect(searchRows(rows, columns, '  ')).toEqual(rows)
  expect(searchRows(rows, columns, 'absent')).toEqual([])
})

test('only a filter that is chosen and ours to apply leaves rows out', () => {
  const filters = [{ key: 'big', all: 'All', options: [], test: (row: Row) => row.total > 800 }]
  expect(filterRows(rows, filters, { big: 'yes' })).toHaveLength(2)
  expect(filterRows(rows, filters, { big: '' })).toHaveLength(3)
  expect(filterRows(rows, [{ key: 'state', all: 'All', options: [] }], { state: 'paid' })).toHaveLength(3)
})

test('the CSV has its heads, its own values, and no column of buttons', () => {
  expect(csvRows(rows.slice(0, 1), columns)).toEqual([
    ['Name', 'Total'],
    ['ORD-10', 9],
  ])
})
