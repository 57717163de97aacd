'use client'

import { useTranslations } from 'next-intl'
import { api, type Schemas, take } from '@/api/client'
import type { DeskColumn } from '@/components/data-table/desk-rows'
import { DeskTable } from '@/components/data-table/desk-table'
import { useTableState } from '@/components/data-table/table-state'
import { useWhole } from '@/components/data-table/whole'
import { PageHeader } from '@/components/page-header'
import { When } from '@/components/when'
import { chosenCustomer, OfCustomer, RowLink, toCustomer } from '../parts'
import { StateBadge } from '../state-badge'
import { useWords } from '../words'
import { useStates } from './use-states'

type Row = Schemas['LicenseItemBody']
const STATES = ['active', 'suspended', 'cancelled'] as const

export function LicensesList() {
  const t = useTranslations('staff')
  const state = useTableState(['state', 'customer'])
  const query = { customer_id: chosenCustomer(state) }
  const source = useWhole<Row>(['licenses', query], (cursor, limit) =>
    take(api.GET('/api/v1/admin/licenses', { params: { query: { ...query, cursor, limit } } })),
  )
  return (
    <>
      <PageHeader title={t('titles.licenses')} />
      <DeskTable
        label={t('titles.licenses')}
        file="licenses"
        columns={useLicenseColumns()}
        source={source}
        state={state}
        rowKey={(row) => row.id}
        search={t('licenses.search')}
        filters={[{ key: 'state', all: t('table.allStates'), options: useStates(STATES), test: (row, value) => row.status === value }]}
        empty={{ title: t('licenses.empty'), text: t('licenses.emptyText') }}
      >
        <OfCustomer state={state} />
      </DeskTable>
    </>
  )
}

function useLicenseColumns(): DeskColumn<Row>[] {
  const t = useTranslations('staff')
  return [
    {
      key: 'customer',
      title: t('columns.customer'),
      value: (row) => `${row.customer.name} ${row.customer.number} ${row.customer.email}`,
      csv: (row) => row.customer.number,
      render: (row) => <RowLink href={toCustomer(row.customer.id)}>{row.customer.name}</RowLink>,
    },
    { key: 'email', title: t('columns.email'), hidden: true, csv: (row) => row.customer.email, render: () => null },
    { key: 'plan', title: t('columns.plan'), value: (row) => row.plan_name, render: (row) => row.plan_name },
    { key: 'key', title: t('columns.key'), value: (row) => row.key_hint, render: (row) => <code className="np-code">{row.key_hint}</code> },
    { key: 'state', title: t('columns.state'), value: (row) => row.status, render: (row) => <LicenseState row={row} /> },
    { key: 'use', title: t('columns.use'), value: mostUsed, csv: (row) => uses(row), render: (row) => <Uses row={row} /> },
    { key: 'issued', title: t('columns.issued'), value: (row) => row.issued_at, render: (row) => <When at={row.issued_at} /> },
    { key: 'expires', title: t('columns.expires'), value: (row) => row.expires_at, render: (row) => <When at={row.expires_at} relative /> },
  ]
}

function LicenseState({ row }: { row: Row }) {
  const words = useWords('reason')
  const reasons = row.suspension_reasons.map((reason) => words(reason)).join(', ')
  return (
    <>
      <StateBadge state={row.status} /> {reasons}
    </>
  )
}

/** How full the fullest resource is, so that sorting brings up who will call next. */
function mostUsed(row: Row): number {
  return Math.max(0, ...row.quotas.map((quota) => (quota.limit ? (quota.used + quota.reserved) / quota.limit : 0)))
}

function uses(row: Row): string {
  return row.quotas.map((quota) => `${quota.resource} ${quota.used}/${quota.limit ?? '∞'}`).join(', ')
}

function Uses({ row }: { row: Row }) {
  const words = useWords('resource')
  return row.quotas.map((quota) => `${words(quota.resource)} ${quota.used}/${quota.limit ?? '∞'}`).join(', ')
}
