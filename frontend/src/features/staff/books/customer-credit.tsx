'use client'

import { Button, Card, Group, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { api, type Schemas, take } from '@/api/client'
import { useShownPages } from '@/api/pages'
import { DataTable } from '@/components/data-table'
import { MoreButton } from '@/components/form/more-button'
import { Money, useMoney } from '@/components/money'
import { Trouble } from '@/components/trouble'
import { When } from '@/components/when'
import { CreditAdjustment } from '../dialogs'
import { useFact } from '../invoices/ledger'
import { RowLink, SideLink } from '../parts'
import { useMay } from '../queries'

type Credit = Schemas['CreditBody-Output']
const FEW = 10

/** What stands to a customer's favor, how it came about, and what staff gives or takes. */
export function CustomerCredit({ id }: { id: string }) {
  const t = useTranslations('desk.credit')
  const reads = useMay('invoices.read_all')
  const may = useMay('invoices.manage')
  const [open, setOpen] = useState(false)
  const found = useQuery<Credit>({
    queryKey: ['staff', 'of', id, 'credit'],
    queryFn: () => take(api.GET('/api/v1/admin/customers/{customer_id}/credit', { params: { path: { customer_id: id }, query: { limit: 1 } } })),
    enabled: reads,
  })
  if (!reads) return null
  return (
    <section aria-labelledby="credit">
      <Group justify="space-between" mb="xs">
        <Title order={2} fz={16} id="credit">
          {t('heading')}
        </Title>
        {may && (
          <Button variant="default" size="xs" onClick={() => setOpen(true)}>
            {t('adjust')}
          </Button>
        )}
      </Group>
      {found.error && <Trouble error={found.error} retry={() => void found.refetch()} />}
      {found.data && <Balances credit={found.data} />}
      {found.data && found.data.items.length > 0 && <History id={id} />}
      {open && found.data && <CreditAdjustment customerId={id} balances={found.data.balances} onClose={() => setOpen(false)} />}
    </section>
  )
}

function Balances({ credit }: { credit: Credit }) {
  const t = useTranslations('desk.credit')
  const money = useMoney()
  return (
    <Card padding="sm" mb="xs">
      {credit.balances.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('none')}
        </Text>
      )}
      {credit.balances.map(({ credit: whole, free }) => (
        <Text key={whole.currency} size="sm">
          {t('balance', { credit: money(whole), free: money(free) })}
        </Text>
      ))}
    </Card>
  )
}

function History({ id }: { id: string }) {
  const t = useTranslations('desk.credit')
  const fact = useFact()
  const books = useMay('ledger.read')
  const pages = useShownPages<Schemas['CreditEntryBody']>(['staff', 'of', id, 'credit-history'], (cursor) =>
    take(api.GET('/api/v1/admin/customers/{customer_id}/credit', { params: { path: { customer_id: id }, query: { cursor, limit: FEW } } })),
  )
  return (
    <>
      <DataTable
        dense
        label={t('history')}
        rows={pages.rows}
        rowKey={(row) => row.journal_id}
        columns={[
          { key: 'on', title: t('on'), render: (row) => <When at={row.booked_on} /> },
          {
            key: 'what',
            title: t('what'),
            render: (row) => {
              const said = fact({ ...row, kind: 'booked' })
              return books ? <RowLink href={`/admin/books/journals/${row.journal_id}/${row.position}`}>{said}</RowLink> : said
            },
          },
          {
            key: 'about',
            title: t('about'),
            render: (row) =>
              row.reference_type === 'invoicing.invoice' && <SideLink href={`/admin/invoices/${row.reference_id}`}>{t('invoice')}</SideLink>,
          },
          { key: 'amount', title: t('amount'), number: true, render: (row) => <Money value={row.amount} /> },
        ]}
      />
      <MoreButton hasMore={pages.hasMore} loading={pages.loading} more={pages.more} />
    </>
  )
}
