'use client'

import { useTranslations } from 'next-intl'
import { api, type Schemas, take } from '@/api/client'
import type { DeskColumn } from '@/components/data-table/desk-rows'
import { DeskTable } from '@/components/data-table/desk-table'
import { useTableState } from '@/components/data-table/table-state'
import { useWhole } from '@/components/data-table/whole'
import { PageHeader } from '@/components/page-header'
import { When } from '@/components/when'
import { chosenCustomer, OfCustomer, SideLink, toCustomer } from '../parts'
import { StateBadge } from '../state-badge'
import { useWords } from '../words'
import { useStates } from './use-states'

type Row = Schemas['MailBody']
const STATES = ['requested', 'sent', 'refused', 'parked'] as const

export function MailsList() {
  const t = useTranslations('staff')
  const state = useTableState(['state', 'customer'])
  const query = { customer_id: chosenCustomer(state) }
  const source = useWhole<Row>(['mails', query], (cursor, limit) =>
    take(api.GET('/api/v1/admin/notifications', { params: { query: { ...query, cursor, limit } } })),
  )
  return (
    <>
      <PageHeader title={t('titles.notifications')} text={t('mails.text')} />
      <DeskTable
        label={t('titles.notifications')}
        file="mails"
        columns={useColumns()}
        source={source}
        state={state}
        rowKey={(row) => row.id}
        search={t('mails.search')}
        filters={[{ key: 'state', all: t('table.allStates'), options: useStates(STATES), test: (row, value) => row.state === value }]}
        empty={{ title: t('mails.empty'), text: t('mails.emptyText') }}
      >
        <OfCustomer state={state} />
      </DeskTable>
    </>
  )
}

function useColumns(): DeskColumn<Row>[] {
  const t = useTranslations('staff')
  const words = useWords('what')
  return [
    { key: 'subject', title: t('columns.subject'), value: (row) => row.subject, render: (row) => row.subject },
    { key: 'kind', title: t('columns.kind'), value: (row) => row.kind, render: (row) => words(`mail_${row.kind}`, row.kind) },
    { key: 'state', title: t('columns.state'), value: (row) => row.state, render: (row) => <StateBadge state={row.state} /> },
    { key: 'problem', title: t('columns.problem'), value: (row) => row.problem, render: (row) => row.problem ?? '' },
    {
      key: 'of',
      title: t('columns.of'),
      csv: (row) => row.customer_id,
      render: (row) =>
        row.customer_id && (
          <SideLink href={toCustomer(row.customer_id)} label={t('mails.customerOf', { subject: row.subject })}>
            {t('columns.customer')}
          </SideLink>
        ),
    },
    { key: 'requested', title: t('columns.requested'), value: (row) => row.requested_at, render: (row) => <When at={row.requested_at} time /> },
    { key: 'sent', title: t('columns.sent'), value: (row) => row.sent_at, render: (row) => <When at={row.sent_at} time /> },
  ]
}
