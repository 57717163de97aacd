'use client'

import { useTranslations } from 'next-intl'
import { api, take } from '@/api/client'
import type { DeskColumn } from '@/components/data-table/desk-rows'
import { DeskTable } from '@/components/data-table/desk-table'
import { among, useTableState } from '@/components/data-table/table-state'
import { useWhole } from '@/components/data-table/whole'
import { When } from '@/components/when'
import { NamedCustomer, useNames } from '../names'
import { IdBadge } from './id-badge'
import type { TaxId } from './queries'
import { TaxFrame } from './tax-frame'

const STATES = ['pending', 'valid', 'invalid', 'unavailable', 'unchecked'] as const

/** Which VAT ids customers gave, and what the register said of them. */
export function IdsPage() {
  const t = useTranslations('staff')
  const words = useTranslations('desk.ids')
  const state = useTableState(['state'])
  const chosen = among(STATES, state.chosen.state)
  const source = useWhole<TaxId>(['tax', 'ids', chosen], (cursor, limit) =>
    take(api.GET('/api/v1/admin/tax/ids', { params: { query: { state: chosen, cursor, limit } } })),
  )
  return (
    <TaxFrame title={t('titles.taxIds')} text={words('text')}>
      <DeskTable
        label={t('titles.taxIds')}
        file="vat-ids"
        columns={useColumns(source.rows)}
        source={source}
        state={state}
        rowKey={(row) => row.customer_id}
        search={words('search')}
        filters={[{ key: 'state', all: t('table.allStates'), options: STATES.map((value) => ({ value, label: words(`state_${value}`) })) }]}
        empty={{ title: words('empty'), text: words('emptyText') }}
      />
    </TaxFrame>
  )
}

function useColumns(rows: TaxId[] | undefined): DeskColumn<TaxId>[] {
  const t = useTranslations('staff.columns')
  const words = useTranslations('desk.ids')
  const names = useNames((rows ?? []).map((row) => row.customer_id))
  return [
    { key: 'id', title: words('id'), value: (row) => row.tax_id, render: (row) => <code className="np-code">{row.tax_id}</code> },
    {
      key: 'customer',
      title: t('customer'),
      value: (row) => names.get(row.customer_id) ?? row.customer_id,
      render: (row) => <NamedCustomer id={row.customer_id} names={names} />,
    },
    { key: 'state', title: t('state'), value: (row) => row.state, render: (row) => <IdBadge state={row.state} /> },
    { key: 'checked', title: words('checked'), value: (row) => row.checked_at, render: (row) => <When at={row.checked_at} time /> },
    { key: 'next', title: words('next'), value: (row) => row.next_at, render: (row) => <When at={row.next_at} time /> },
    { key: 'problem', title: t('problem'), value: (row) => row.problem, render: (row) => row.problem },
  ]
}
