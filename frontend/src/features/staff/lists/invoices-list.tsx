'use client'

import { useTranslations } from 'next-intl'
import { api, type Schemas, take } from '@/api/client'
import type { DeskColumn } from '@/components/data-table/desk-rows'
import { DeskTable } from '@/components/data-table/desk-table'
import { among, useTableState } from '@/components/data-table/table-state'
import { useWhole } from '@/components/data-table/whole'
import { Money } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { When } from '@/components/when'
import { plainAmount } from '@/lib/money'
import { chosenCustomer, OfCustomer, RowLink, SideLink, toCustomer, toOrder } from '../parts'
import { StateBadge } from '../state-badge'
import { useStates } from './use-states'

type Row = Schemas['InvoiceItem']
const STATES = ['draft', 'open', 'paid', 'void', 'uncollectible'] as const

export function InvoicesList() {
  const t = useTranslations('staff')
  const state = useTableState(['state', 'customer'])
  const query = { state: among(STATES, state.chosen.state), customer_id: chosenCustomer(state) }
  const source = useWhole<Row>(['invoices', query], (cursor, limit) =>
    take(api.GET('/api/v1/admin/invoices', { params: { query: { ...query, cursor, limit } } })),
  )
  return (
    <>
      <PageHeader title={t('titles.invoices')} />
      <DeskTable
        label={t('titles.invoices')}
        file="invoices"
        columns={useColumns()}
        source={source}
        state={state}
        rowKey={(row) => row.id}
        search={t('invoices.search')}
        filters={[{ key: 'state', all: t('table.allStates'), options: useStates(STATES) }]}
        empty={{ title: t('invoices.empty'), text: t('invoices.emptyText') }}
      >
        <OfCustomer state={state} />
      </DeskTable>
    </>
  )
}

function useColumns(): DeskColumn<Row>[] {
  const t = useTranslations('staff')
  const money = (key: 'net' | 'tax' | 'total' | 'due' | 'credited'): DeskColumn<Row> => ({
    key,
    title: t(`columns.${key}`),
    number: true,
    value: (row) => row[key].amount,
    csv: (row) => Number(plainAmount(row[key])),
    render: (row) => <Money value={row[key]} />,
  })
  const draft = t('invoices.draft')
  return [
    {
      key: 'number',
      title: t('columns.invoice'),
      value: (row) => row.number ?? draft,
      render: (row) => <RowLink href={`/admin/invoices/${row.id}`}>{row.number ?? draft}</RowLink>,
    },
    { key: 'state', title: t('columns.state'), value: (row) => row.state, render: (row) => <StateBadge state={row.state} /> },
    {
      key: 'of',
      title: t('columns.of'),
      render: (row) => (
        <>
          <SideLink href={toCustomer(row.customer_id)} label={t('invoices.customerOf', { number: row.number ?? draft })}>
            {t('columns.customer')}
          </SideLink>
          {row.origin_type === 'orders.order' && (
            <>
              {' · '}
              <SideLink href={toOrder(row.origin_id)} label={t('invoices.orderOf', { number: row.number ?? draft })}>
                {t('columns.order')}
              </SideLink>
            </>
          )}
        </>
      ),
      csv: (row) => row.customer_id,
    },
    { key: 'issued', title: t('columns.issued'), value: (row) => row.issued_on, render: (row) => <When at={row.issued_on} /> },
    { key: 'dueOn', title: t('columns.dueOn'), value: (row) => row.due_on, render: (row) => <When at={row.due_on} /> },
    money('net'),
    money('tax'),
    money('total'),
    money('credited'),
    money('due'),
    { key: 'currency', title: t('columns.currency'), hidden: true, csv: (row) => row.total.currency, render: () => null },
  ]
}
