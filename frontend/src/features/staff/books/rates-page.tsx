'use client'

import { Button, Stack, Text, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { parseAsString, useQueryState } from 'nuqs'
import { useState } from 'react'
import { DataTable } from '@/components/data-table'
import { EmptyState } from '@/components/empty-state'
import { PageHeader } from '@/components/page-header'
import { Trouble } from '@/components/trouble'
import { When } from '@/components/when'
import { rateText } from '../amounts'
import { RateDialog } from '../dialogs'
import { useMay } from '../queries'
import { useRates } from './queries'

const CODE = /^[A-Z]{3}$/

/** What other currencies were worth in that of the books, day by day. */
export function RatesPage() {
  const t = useTranslations('staff')
  const words = useTranslations('desk.rates')
  const [typed, setTyped] = useQueryState('currency', parseAsString.withDefault(''))
  const found = useRates(CODE.test(typed) ? typed : '')
  const may = useMay('ledger.manage')
  const [open, setOpen] = useState(false)
  const home = found.data?.home_currency ?? ''
  return (
    <>
      <PageHeader
        title={t('titles.rates')}
        text={words('text')}
        back={{ href: '/admin/books', label: t('titles.books') }}
        action={
          may && (
            <Button size="sm" onClick={() => setOpen(true)}>
              {words('set')}
            </Button>
          )
        }
      />
      <Stack gap="md">
        <TextInput
          size="sm"
          w={160}
          label={words('currency')}
          maxLength={3}
          value={typed}
          onChange={(event) => void setTyped(event.currentTarget.value.toUpperCase() || null)}
        />
        {found.error && <Trouble error={found.error} retry={() => void found.refetch()} />}
        {found.data?.items.length === 0 && <EmptyState title={words('empty')} text={words('emptyText', { home })} />}
        {!found.error && found.data?.items.length !== 0 && (
          <DataTable
            dense
            label={t('titles.rates')}
            rows={found.data?.items}
            rowKey={(row) => row.currency + row.day}
            columns={[
              { key: 'currency', title: t('columns.currency'), render: (row) => row.currency },
              { key: 'day', title: words('day'), render: (row) => <When at={row.day} /> },
              {
                key: 'rate',
                title: words('rate'),
                number: true,
                render: (row) => words('worth', { currency: row.currency, rate: rateText(row.ppm), home: row.home_currency }),
              },
              { key: 'source', title: words('source'), render: (row) => row.source },
            ]}
          />
        )}
        <Text size="sm" c="dimmed">
          {words('hint')}
        </Text>
      </Stack>
      {open && <RateDialog home={home} currency={CODE.test(typed) ? typed : ''} onClose={() => setOpen(false)} />}
    </>
  )
}
