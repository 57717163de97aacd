'use client'

import { Alert, Button, Card, Group, Skeleton, Text } from '@mantine/core'
import { IconArrowDown, IconArrowsSort, IconArrowUp } from '@tabler/icons-react'
import { useFormatter, useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { EmptyState } from '../empty-state'
import { Trouble } from '../trouble'
import classes from './desk.module.css'
import { DeskBar } from './desk-bar'
import { type DeskColumn, type DeskFilter, nextSort, parseSort } from './desk-rows'
import type { TableState } from './table-state'
import { type DeskParts, type DeskView, PAGE, useDeskKeys, useDeskView, useDownload } from './use-desk'
import { CAP, CSV_CAP, type Source } from './whole'

interface DeskTableProps<Row> {
  label: string
  /** Of the CSV. */
  file: string
  columns: readonly DeskColumn<Row>[]
  source: Source<Row>
  state: TableState
  rowKey: (row: Row) => string
  filters?: readonly DeskFilter<Row>[]
  /** What is searched in; null: nothing can be. */
  search?: string | null
  searchedByApi?: boolean
  empty: { icon?: ReactNode; title: string; text: string }
  /** The CSV, where the API writes it itself. */
  save?: () => Promise<void>
  /** Beside the filters. */
  children?: ReactNode
}

const NO_FILTERS: readonly never[] = []

/** Staff's table: 36-pixel rows; what is searched, filtered and sorted stands in the address. */
export function DeskTable<Row>(props: DeskTableProps<Row>) {
  const { label, file, columns, source, state, rowKey, filters = NO_FILTERS, search = null, searchedByApi = false, empty, save, children } = props
  const parts: DeskParts<Row> = { source, columns, filters, state, searchedByApi }
  const view = useDeskView(parts)
  const csv = useDownload(file, parts, save)
  const { search: searchRef, body } = useDeskKeys()
  const shown = columns.filter((column) => !column.hidden)
  if (source.error && !source.rows) return <Trouble error={source.error} retry={source.again} />
  const asked = Boolean(state.q) || Object.values(state.chosen).some(Boolean)
  if (source.rows?.length === 0 && source.whole && !asked) return <EmptyState {...empty} />
  return (
    <>
      <DeskBar
        state={state}
        columns={columns}
        filters={filters}
        search={search}
        searchRef={searchRef}
        sortable={view.orderly}
        download={() => void csv.download()}
        downloading={csv.busy}
      >
        {children}
      </DeskBar>
      {source.error ? <Trouble error={source.error} retry={source.again} /> : null}
      {csv.error ? <Trouble error={csv.error} /> : null}
      <Notes orderly={view.orderly || Boolean(source.ahead)} cut={csv.cut} />
      <Card padding={0} className={classes.card}>
        <table className={`np-table ${classes.table} ${classes.sticky}`} aria-label={label} aria-busy={!view.rows}>
          <thead>
            <tr>
              {shown.map((column) => (
                <Head key={column.key} column={column} state={state} sortable={view.orderly} />
              ))}
            </tr>
          </thead>
          <tbody ref={body}>
            {view.rows ? view.rows.map((row) => <Line key={rowKey(row)} row={row} columns={shown} />) : <Shadows columns={shown} />}
          </tbody>
        </table>
        {view.rows?.length === 0 && <Nothing onClear={() => clear(state)} />}
      </Card>
      <Foot view={view} reading={source.reading} state={state} />
    </>
  )
}

function clear(state: TableState): void {
  if (state.q) state.search('')
  for (const [key, value] of Object.entries(state.chosen)) if (value) state.choose(key, '')
}

function Notes({ orderly, cut }: { orderly: boolean; cut: boolean }) {
  const t = useTranslations('staff.table')
  const format = useFormatter()
  if (orderly && !cut) return null
  return (
    <Alert color="blue" mb="sm" p="xs" role="status">
      {!orderly && t('tooMany', { cap: format.number(CAP) })} {cut && t('csvCut', { cap: format.number(CSV_CAP) })}
    </Alert>
  )
}

function Head<Row>({ column, state, sortable }: { column: DeskColumn<Row>; state: TableState; sortable: boolean }) {
  const sort = parseSort(state.sort)
  const mine = sort?.key === column.key ? sort : null
  const Icon = mine ? (mine.down ? IconArrowDown : IconArrowUp) : IconArrowsSort
  const order = mine ? (mine.down ? 'descending' : 'ascending') : undefined
  return (
    <th scope="col" data-number={column.number || undefined} aria-sort={order}>
      {sortable && column.value ? (
        <button
          type="button"
          className={classes.head}
          data-on={Boolean(mine) || undefined}
          onClick={() => state.sortBy(nextSort(state.sort, column.key))}
        >
          {column.title}
          <Icon size={13} aria-hidden />
        </button>
      ) : (
        column.title
      )}
    </th>
  )
}

function Line<Row>({ row, columns }: { row: Row; columns: readonly DeskColumn<Row>[] }) {
  return (
    <tr>
      {columns.map((column) => (
        <td key={column.key} data-label={column.title} data-number={column.number || undefined}>
          <span>{column.render(row)}</span>
        </td>
      ))}
    </tr>
  )
}

const SHADOWS = Array.from({ length: 12 }, (_, at) => `shadow-${at}`)

function Shadows<Row>({ columns }: { columns: readonly DeskColumn<Row>[] }) {
  return SHADOWS.map((shadow) => (
    <tr key={shadow}>
      {columns.map((column) => (
        <td key={column.key} data-label={column.title}>
          <Skeleton height={12} width="70%" />
        </td>
      ))}
    </tr>
  ))
}

function Nothing({ onClear }: { onClear: () => void }) {
  const t = useTranslations('staff.table')
  return (
    <Group justify="center" p="xl" gap="sm">
      <Text c="dimmed">{t('nothing')}</Text>
      <Button variant="default" size="xs" onClick={onClear}>
        {t('clearAll')}
      </Button>
    </Group>
  )
}

function Foot<Row>({ view, reading, state }: { view: DeskView<Row>; reading: boolean; state: TableState }) {
  const t = useTranslations('staff.table')
  const first = view.found === 0 ? 0 : (view.page - 1) * PAGE + 1
  const last = Math.min(view.found, view.page * PAGE)
  return (
    <Group justify="space-between" mt="xs" gap="sm">
      <Text size="sm" c="dimmed" aria-live="polite" className="np-number">
        {view.rows && t(view.orderly ? 'count' : 'countMore', { first, last, found: view.found })} {reading && t('reading')}
      </Text>
      <Text size="sm" c="dimmed" visibleFrom="md">
        {t.rich('keys', { key: (chunks) => <kbd className={classes.key}>{chunks}</kbd> })}
      </Text>
      {view.pages > 1 && (
        <Group gap="xs">
          <Button variant="default" size="xs" disabled={view.page <= 1} onClick={() => state.turnTo(view.page - 1)}>
            {t('previous')}
          </Button>
          <Button variant="default" size="xs" disabled={view.page >= view.pages} onClick={() => state.turnTo(view.page + 1)}>
            {t('next')}
          </Button>
        </Group>
      )}
    </Group>
  )
}
