'use client'

import { useTranslations } from 'next-intl'
import { api, type Schemas, take } from '@/api/client'
import type { DeskColumn } from '@/components/data-table/desk-rows'
import { DeskTable } from '@/components/data-table/desk-table'
import { useTableState } from '@/components/data-table/table-state'
import { useWhole } from '@/components/data-table/whole'
import { PageHeader } from '@/components/page-header'
import { When } from '@/components/when'
import { chosenCustomer, OfCustomer, RowLink, SideLink, toCustomer } from '../parts'
import { StateBadge } from '../state-badge'
import { useWords } from '../words'
import { useStates } from './use-states'

type Row = Schemas['StaffDomainBody']
const STATES = ['pending', 'parked', 'active', 'refused', 'cancelled', 'expired', 'transferring', 'transferred', 'redemption'] as const

export function DomainsList() {
  const t = useTranslations('staff')
  const state = useTableState(['state', 'customer'])
  const query = { customer_id: chosenCustomer(state) }
  const source = useWhole<Row>(['domains', query], (cursor, limit) =>
    take(api.GET('/api/v1/admin/domains', { params: { query: { ...query, cursor, limit } } })),
  )
  return (
    <>
      <PageHeader title={t('titles.domains')} />
      <DeskTable
        label={t('titles.domains')}
        file="domains"
        columns={useColumns()}
        source={source}
        state={state}
        rowKey={(row) => row.id}
        search={t('domains.search')}
        filters={[{ key: 'state', all: t('table.allStates'), options: useStates(STATES), test: (row, value) => row.status === value }]}
        empty={{ title: t('domains.empty'), text: t('domains.emptyText') }}
      >
        <OfCustomer state={state} />
      </DeskTable>
    </>
  )
}

function useColumns(): DeskColumn<Row>[] {
  const t = useTranslations('staff')
  const words = useWords('reason')
  return [
    {
      key: 'name',
      title: t('columns.domain'),
      value: (row) => (row.unicode === row.name ? row.name : `${row.unicode} ${row.name}`),
      csv: (row) => row.name,
      render: (row) => <RowLink href={`/admin/domains/${row.id}`}>{row.unicode}</RowLink>,
    },
    { key: 'state', title: t('columns.state'), value: (row) => row.status, render: (row) => <StateBadge state={row.status} /> },
    { key: 'reason', title: t('columns.reason'), value: (row) => row.reason, render: (row) => words(row.reason) },
    {
      key: 'of',
      title: t('columns.of'),
      csv: (row) => row.customer_id,
      render: (row) => (
        <SideLink href={toCustomer(row.customer_id)} label={t('domains.customerOf', { name: row.unicode })}>
          {t('columns.customer')}
        </SideLink>
      ),
    },
    { key: 'nameservers', title: t('columns.nameservers'), value: (row) => row.nameservers.join(' '), render: (row) => row.nameservers.join(', ') },
    { key: 'requested', title: t('columns.requested'), value: (row) => row.requested_at, render: (row) => <When at={row.requested_at} /> },
    { key: 'registered', title: t('columns.registered'), value: (row) => row.registered_at, render: (row) => <When at={row.registered_at} /> },
    { key: 'expires', title: t('columns.expires'), value: (row) => row.expires_on, render: (row) => <When at={row.expires_on} relative /> },
  ]
}
