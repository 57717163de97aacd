'use client'

import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { api, type Schemas, take } from '@/api/client'

const TYPING_ENDS = 250
const SHOWN = 20

interface CustomerPickerProps {
  value: string
  onChange: (id: string) => void
  error?: string
}

const label = (row: Schemas['CustomerItemBody']) => `${row.company ?? row.name} · ${row.number} · ${row.email}`

/** Finds a customer by number, name, company or address. */
export function CustomerPicker({ value, onChange, error }: CustomerPickerProps) {
  const t = useTranslations('desk.draft')
  const [typed, setTyped] = useState('')
  const [q] = useDebouncedValue(typed, TYPING_ENDS)
  const found = useQuery({
    queryKey: ['staff', 'customers', 'pick', q],
    queryFn: () => take(api.GET('/api/v1/admin/customers', { params: { query: { q: q || undefined, limit: SHOWN } } })),
    placeholderData: keepPreviousData,
  })
  const chosen = useQuery({
    queryKey: ['staff', 'customers', 'named', value],
    queryFn: () => take(api.GET('/api/v1/admin/customers', { params: { query: { id: [value] } } })),
    enabled: Boolean(value),
  })
  const rows = [...(chosen.data?.items ?? []), ...(found.data?.items ?? [])]
  const data = [...new Map(rows.map((row) => [row.id, label(row)])).entries()].map(([id, shown]) => ({ value: id, label: shown }))
  return (
    <Select
      size="sm"
      label={t('customer')}
      description={t('customerHint')}
      placeholder={t('customerFind')}
      data={data}
      value={value || null}
      onChange={(id) => onChange(id ?? '')}
      // The API has searched; what it found is not sifted again, but for the one that is chosen.
      filter={({ options }) => options}
      searchable
      onSearchChange={setTyped}
      nothingFoundMessage={t('customerNone')}
      error={error}
      required
    />
  )
}
