'use client'

import { Button, CloseButton, Group, NativeSelect, TextInput, VisuallyHidden } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconDownload, IconSearch } from '@tabler/icons-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, type Ref, useEffect, useRef, useState } from 'react'
import classes from './desk.module.css'
import type { DeskColumn, DeskFilter } from './desk-rows'
import type { TableState } from './table-state'

const TYPING_ENDS = 250

interface DeskBarProps<Row> {
  state: TableState
  columns: readonly DeskColumn<Row>[]
  filters: readonly DeskFilter<Row>[]
  search: string | null
  searchRef: Ref<HTMLInputElement>
  sortable: boolean
  download: () => void
  downloading: boolean
  children?: ReactNode
}

export function DeskBar<Row>({ state, columns, filters, search, searchRef, sortable, download, downloading, children }: DeskBarProps<Row>) {
  const t = useTranslations('staff.table')
  return (
    <Group gap="xs" mb="sm" align="center" role="search">
      {search !== null && <Search state={state} hint={search} inputRef={searchRef} />}
      {filters.map((filter) => (
        <NativeSelect
          key={filter.key}
          size="sm"
          aria-label={filter.all}
          value={state.chosen[filter.key] ?? ''}
          onChange={(event) => state.choose(filter.key, event.currentTarget.value)}
          data={[{ value: '', label: filter.all }, ...filter.options]}
        />
      ))}
      {sortable && columns.some((column) => column.value) && <SortMenu state={state} columns={columns} />}
      {children}
      <Button
        variant="default"
        size="sm"
        ml="auto"
        leftSection={<IconDownload size={16} aria-hidden />}
        onClick={download}
        loading={downloading}
        title={t('csvHint')}
      >
        CSV<VisuallyHidden> {t('csvHint')}</VisuallyHidden>
      </Button>
    </Group>
  )
}

function Search({ state, hint, inputRef }: { state: TableState; hint: string; inputRef: Ref<HTMLInputElement> }) {
  const t = useTranslations('staff.table')
  const [text, setText] = useState(state.q)
  const send = useDebouncedCallback((typed: string) => {
    sent.current = typed
    state.search(typed)
  }, TYPING_ENDS)
  const sent = useRef(state.q)
  // The way back changes the address, and what is typed here follows; our own change of it comes back late, when more may have been typed.
  useEffect(() => {
    if (state.q !== sent.current) setText(state.q)
    sent.current = state.q
  }, [state.q])
  const type = (typed: string) => {
    setText(typed)
    send(typed)
  }
  return (
    <TextInput
      ref={inputRef}
      size="sm"
      className={classes.search}
      type="search"
      aria-label={hint}
      aria-keyshortcuts="/"
      placeholder={hint}
      value={text}
      maxLength={200}
      onChange={(event) => type(event.currentTarget.value)}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={text ? <CloseButton size="sm" aria-label={t('clear')} onClick={() => type('')} /> : <kbd className={classes.key}>/</kbd>}
    />
  )
}

/** On a phone the heads of the columns are not there: sorting has a list of its own. */
function SortMenu<Row>({ state, columns }: { state: TableState; columns: readonly DeskColumn<Row>[] }) {
  const t = useTranslations('staff.table')
  const ways = columns
    .filter((column) => column.value && !column.hidden)
    .flatMap(({ key, title }) => [
      { value: key, label: t('up', { title }) },
      { value: `-${key}`, label: t('down', { title }) },
    ])
  return (
    <NativeSelect
      size="sm"
      className={classes.sortMenu}
      aria-label={t('sort')}
      value={state.sort}
      onChange={(event) => state.sortBy(event.currentTarget.value)}
      data={[{ value: '', label: t('unsorted') }, ...ways]}
    />
  )
}
