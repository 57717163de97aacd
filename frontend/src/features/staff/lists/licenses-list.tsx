'use client'

import { useTranslations } from 'next-intl'
import { api, type Schemas, take } from '@/api/client'
import { useAhead } from '@/components/data-table/ahead'
import type { DeskColumn } from '@/components/data-table/desk-rows'
import { DeskTable } from '@/components/data-table/desk-table'
import { among, useTableState } from '@/components/data-table/table-state'
import { PageHeader } from '@/components/page-header'
import { When } from '@/components/when'
import { fullest, SmallUse, StandingBadge } from '@/features/licenses'
import { useServers } from '../fleet/queries'
import { chosenCustomer, OfCustomer, RowLink, SideLink, toCustomer, toLicense } from '../parts'
import { useWords } from '../words'
import { useStates } from './use-states'

type Row = Schemas['LicenseItemBody']
/** One letter finds everybody; the API does not look for it. */
const SHORTEST = 2
const STATES = ['active', 'suspended', 'cancelled'] as const

/** There may be millions: the API searches, filters and turns the pages. */
export function LicensesList() {
  const t = useTranslations('staff')
  const state = useTableState(['state', 'server', 'customer'])
  const servers = useServers().data ?? []
  const query = {
    customer_id: chosenCustomer(state),
    status: among(STATES, state.chosen.state),
    server_id: servers.find((server) => server.id === state.chosen.server)?.id,
    q: state.q.trim().length >= SHORTEST ? state.q.trim() : undefined,
  }
  const source = useAhead<Row>(
    ['licenses', query],
    (cursor, limit) => take(api.GET('/api/v1/admin/licenses', { params: { query: { ...query, cursor, limit } } })),
    state.page,
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
        searchedByApi
        filters={[
          { key: 'state', all: t('table.allStates'), options: useStates(STATES) },
          { key: 'server', all: t('licenses.allServers'), options: servers.map(({ id, name }) => ({ value: id, label: name })) },
        ]}
        empty={{ title: t('licenses.empty'), text: t('licenses.emptyText') }}
      >
        <OfCustomer state={state} />
      </DeskTable>
    </>
  )
}

function useLicenseColumns(): DeskColumn<Row>[] {
  const t = useTranslations('staff')
  const servers = useServers().data
  const serverOf = (row: Row) => servers?.find((server) => server.id === row.server_id)?.name ?? ''
  return [
    {
      key: 'key',
      title: t('columns.key'),
      value: (row) => row.key_hint,
      render: (row) => (
        <RowLink href={toLicense(row.id)}>
          <code className="np-code">{row.key_hint}</code>
        </RowLink>
      ),
    },
    {
      key: 'customer',
      title: t('columns.customer'),
      value: (row) => `${row.customer.name} ${row.customer.number} ${row.customer.email}`,
      csv: (row) => row.customer.number,
      render: (row) => <SideLink href={toCustomer(row.customer.id)}>{row.customer.name}</SideLink>,
    },
    { key: 'email', title: t('columns.email'), hidden: true, csv: (row) => row.customer.email, render: () => null },
    { key: 'plan', title: t('columns.plan'), value: (row) => row.plan_name, render: (row) => row.plan_name },
    { key: 'state', title: t('columns.state'), value: (row) => row.status, render: (row) => <LicenseState row={row} /> },
    { key: 'server', title: t('columns.server'), value: serverOf, render: serverOf },
    { key: 'use', title: t('licenses.fullest'), value: mostUsed, csv: (row) => uses(row), render: (row) => <Fullest row={row} /> },
    { key: 'issued', title: t('columns.issued'), value: (row) => row.issued_at, render: (row) => <When at={row.issued_at} /> },
    { key: 'expires', title: t('columns.expires'), value: (row) => row.expires_at, render: (row) => <When at={row.expires_at} relative /> },
  ]
}

function LicenseState({ row }: { row: Row }) {
  const words = useWords('reason')
  const reasons = row.suspension_reasons.map((reason) => words(reason)).join(', ')
  return (
    <>
      <StandingBadge license={row} /> {reasons}
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

function Fullest({ row }: { row: Row }) {
  const quota = fullest(row.quotas)
  return quota ? <SmallUse quota={quota} /> : null
}
