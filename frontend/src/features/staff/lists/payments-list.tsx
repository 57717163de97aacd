'use client'

import { Text } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { api, type Schemas, take } from '@/api/client'
import { CopyText } from '@/components/copy-text'
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

type Row = Schemas['PaymentItemBody']
const STATES = ['requested', 'open', 'succeeded', 'failed', 'expired', 'quarantined', 'parked'] as const

export function PaymentsList() {
  const t = useTranslations('staff')
  const state = useTableState(['state', 'customer'])
  const query = { state: among(STATES, state.chosen.state), customer_id: chosenCustomer(state) }
  const source = useWhole<Row>(['payments', query], (cursor, limit) =>
    take(api.GET('/api/v1/admin/payments', { params: { query: { ...query, cursor, limit } } })),
  )
  return (
    <>
      <PageHeader title={t('titles.payments')} text={t('payments.text')} />
      <DeskTable
        label={t('titles.payments')}
        file="payments"
        columns={useColumns()}
        source={source}
        state={state}
        rowKey={(row) => row.id}
        search={t('payments.search')}
        filters={[{ key: 'state', all: t('table.allStates'), options: useStates(STATES) }]}
        empty={{ title: t('payments.empty'), text: t('payments.emptyText') }}
      >
        <OfCustomer state={state} />
      </DeskTable>
    </>
  )
}

function useColumns(): DeskColumn<Row>[] {
  const t = useTranslations('staff')
  const money = (key: 'amount' | 'paid' | 'refunded'): DeskColumn<Row> => ({
    key,
    title: t(`columns.${key}`),
    number: true,
    value: (row) => row[key].amount,
    csv: (row) => Number(plainAmount(row[key])),
    render: (row) => <Money value={row[key]} />,
  })
  return [
    {
      key: 'order',
      title: t('columns.order'),
      value: (row) => row.order_number,
      render: (row) =>
        row.order_id ? <RowLink href={toOrder(row.order_id)}>{row.order_number ?? t('orders.unnumbered')}</RowLink> : t('payments.noOrder'),
    },
    {
      key: 'customer',
      title: t('columns.customer'),
      value: (row) => `${row.customer.name} ${row.customer.number} ${row.customer.email}`,
      csv: (row) => row.customer.number,
      render: (row) => <SideLink href={toCustomer(row.customer.id)}>{row.customer.name}</SideLink>,
    },
    {
      key: 'state',
      title: t('columns.state'),
      value: (row) => row.state,
      render: (row) => (
        <>
          <StateBadge state={row.state} />
          {row.surplus && (
            <Text component="span" size="xs" c="dimmed" ml={6}>
              {t('payments.surplus')}
            </Text>
          )}
        </>
      ),
    },
    {
      key: 'failure',
      title: t('columns.failure'),
      value: (row) => row.failure_message ?? row.failure,
      render: (row) => row.failure_message ?? row.failure ?? '',
    },
    money('amount'),
    money('paid'),
    money('refunded'),
    {
      key: 'reference',
      title: t('columns.gateway'),
      value: (row) => row.gateway_reference,
      render: (row) =>
        row.gateway_reference && <CopyText value={row.gateway_reference} shown={`…${row.gateway_reference.slice(-8)}`} what={t('columns.gateway')} />,
    },
    { key: 'requested', title: t('columns.at'), value: (row) => row.requested_at, render: (row) => <When at={row.requested_at} time /> },
    { key: 'currency', title: t('columns.currency'), hidden: true, csv: (row) => row.amount.currency, render: () => null },
  ]
}
