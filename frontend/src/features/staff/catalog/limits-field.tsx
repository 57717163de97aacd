'use client'

import { Button, CloseButton, NativeSelect, Stack, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useId } from 'react'
import classes from './catalog.module.css'
import type { Sheet } from './sheet'
import { useThing } from './words'

export interface LimitRow {
  key: string
  name: string
  unlimited: boolean
  typed: string
}

const USUAL = ['accounts', 'domains', 'databases', 'emails', 'disk_gb', 'php_workers']

export function limitRows(limits: Record<string, number | null>): LimitRow[] {
  return Object.entries(limits).map(([name, limit]) => ({
    key: name,
    name,
    unlimited: limit === null,
    typed: limit === null ? '' : String(limit),
  }))
}

/** A row without a name is one that was not filled in. */
export function limitsOf(rows: readonly LimitRow[], sheet: Sheet): Record<string, number | null> {
  const named = rows.filter((row) => row.name.trim())
  return Object.fromEntries(named.map((row) => [row.name.trim(), row.unlimited ? null : sheet.whole(`limits.${row.name.trim()}`, row.typed)]))
}

export const limitNames = (rows: readonly LimitRow[]) => rows.map((row) => `limits.${row.name.trim()}`)

interface LimitsFieldProps {
  rows: LimitRow[]
  onChange: (rows: LimitRow[]) => void
  faults: Record<string, string>
}

/** What is counted, and how many of it. */
export function LimitsField({ rows, onChange, faults }: LimitsFieldProps) {
  const t = useTranslations('catalog.limits')
  const thing = useThing()
  const list = useId()
  const put = (at: number, change: Partial<LimitRow>) => onChange(rows.map((row, index) => (index === at ? { ...row, ...change } : row)))
  const next = USUAL.find((name) => !rows.some((row) => row.name === name)) ?? ''
  return (
    <Stack gap="xs">
      <datalist id={list}>
        {USUAL.map((name) => (
          <option key={name} value={name}>
            {thing(name)}
          </option>
        ))}
      </datalist>
      {rows.map((row, at) => (
        <div key={row.key} className={classes.limit}>
          <TextInput
            size="sm"
            list={list}
            aria-label={t('name', { at: at + 1 })}
            value={row.name}
            onChange={(event) => put(at, { name: event.currentTarget.value })}
          />
          <NativeSelect
            size="sm"
            aria-label={t('kind', { name: thing(row.name) })}
            value={row.unlimited ? 'unlimited' : 'number'}
            onChange={(event) => put(at, { unlimited: event.currentTarget.value === 'unlimited' })}
            data={[
              { value: 'number', label: t('number') },
              { value: 'unlimited', label: t('unlimited') },
            ]}
          />
          <TextInput
            size="sm"
            inputMode="numeric"
            aria-label={t('count', { name: thing(row.name) })}
            value={row.unlimited ? '' : row.typed}
            disabled={row.unlimited}
            error={faults[`limits.${row.name.trim()}`]}
            onChange={(event) => put(at, { typed: event.currentTarget.value })}
          />
          <CloseButton aria-label={t('remove', { name: thing(row.name) })} onClick={() => onChange(rows.filter((_, index) => index !== at))} />
        </div>
      ))}
      <Button
        size="xs"
        variant="default"
        w="max-content"
        onClick={() => onChange([...rows, { key: crypto.randomUUID(), name: next, unlimited: false, typed: '' }])}
      >
        {t('add')}
      </Button>
    </Stack>
  )
}
