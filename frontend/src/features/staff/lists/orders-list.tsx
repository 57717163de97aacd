'use client'

import { Badge } from '@mantine/core'
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

type Row = Schemas['OrderItemBody']
const STATES = ['pending', 'paid', 'completed', 'cancelled'] as const
const POLL = 15_000

export function OrdersList() {
  const t = useTranslations('staff')
  const state = useTableState(['state', 'attention', 'customer'])
  const customer = chosenCustomer(state)
  const query = { state: among(STATES, state.chosen.state), q: state.q || undefined, customer_id: customer }
  const source = useWhole<Row>(
    ['orders', query],
    (cursor, limit) => take(api.GET('/api/v1/admin/orders', { params: { query: { ...query, cursor, limit } } })),
    POLL,
  )
  return (
    <>
      <PageHeader title={t('titles.orders')} />
      <DeskTable
        label={t('titles.orders')}
        file="orders"
        columns={useColumns()}
        source={source}
        state={state}
        rowKey={(row) => row.id}
        search={t('orders.search')}
        searchedByApi
        filters={[
          { key: 'state', all: t('table.allStates'), options: useStates(STATES) },
          {
            key: 'attention',
            all: t('orders.allAttention'),
            options: [{ value: 'yes', label: t('orders.attention') }],
            test: (row) => row.attention,
          },
        ]}
        empty={{ title: t('orders.empty'), text: t('orders.emptyText') }}
      >
        <OfCustomer state={state} />
      </DeskTable>
    </>
  )
}

function useColumns(): DeskColumn<Row>[] {
  const t = useTranslations('staff')
  return [
    {
      key: 'number',
      title: t('columns.order'),
      value: (row) => row.number ?? row.id,
      render: (row) => <RowLink href={toOrder(row.id)}>{row.number ?? t('orders.unnumbered')}</RowLink>,
    },
    {
      key: 'customer',
      title: t('columns.customer'),
      value: (row) => row.customer_name,
      render: (row) => <SideLink href={toCustomer(row.customer_id)}>{row.customer_name}</SideLink>,
    },
    { key: 'email', title: t('columns.email'), value: (row) => row.email, render: (row) => row.email },
    { key: 'domains', title: t('columns.domains'), value: (row) => row.domains.join(' '), render: (row) => row.domains.join(', ') },
    {
      key: 'state',
      title: t('columns.state'),
      value: (row) => row.state,
      render: (row) => (
        <>
          <StateBadge state={row.state} />{' '}
          {row.attention && (
            <Badge color="orange" variant="light" radius="sm" tt="none">
              {t('orders.attention')}
            </Badge>
          )}
        </>
      ),
    },
    { key: 'placed', title: t('columns.placed'), value: (row) => row.placed_at, render: (row) => <When at={row.placed_at} time /> },
    {
      key: 'total',
      title: t('columns.total'),
      number: true,
      value: (row) => row.total.amount,
      csv: (row) => Number(plainAmount(row.total)),
      render: (row) => <Money value={row.total} />,
    },
    { key: 'currency', title: t('columns.currency'), hidden: true, csv: (row) => row.total.currency, render: () => null },
  ]
}
