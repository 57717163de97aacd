'use client'

import { useTranslations } from 'next-intl'
import { api, type Schemas, take } from '@/api/client'
import { CopyText } from '@/components/copy-text'
import type { DeskColumn } from '@/components/data-table/desk-rows'
import { DeskTable } from '@/components/data-table/desk-table'
import { useTableState } from '@/components/data-table/table-state'
import { useWhole } from '@/components/data-table/whole'
import { PageHeader } from '@/components/page-header'
import { When } from '@/components/when'
import { chosenCustomer, OfCustomer, SideLink, toCustomer } from '../parts'
import { useWords } from '../words'

type Row = Schemas['AuditBody']
const ACTORS = ['staff', 'customer', 'system', 'panel'] as const

export function AuditList() {
  const t = useTranslations('staff')
  const state = useTableState(['by', 'customer', 'object'])
  const query = { customer_id: chosenCustomer(state), object_id: state.chosen.object || undefined }
  const source = useWhole<Row>(['audit', query], (cursor, limit) =>
    take(api.GET('/api/v1/admin/audit', { params: { query: { ...query, cursor, limit } } })),
  )
  return (
    <>
      <PageHeader title={t('titles.audit')} text={t('audit.text')} />
      <DeskTable
        label={t('titles.audit')}
        file="audit"
        columns={useColumns()}
        source={source}
        state={state}
        rowKey={(row) => row.id}
        search={t('audit.search')}
        filters={[
          {
            key: 'by',
            all: t('audit.allActors'),
            options: ACTORS.map((value) => ({ value, label: t(`audit.${value}`) })),
            test: (row, value) => row.actor.split(':')[0] === value,
          },
        ]}
        empty={{ title: t('audit.empty'), text: t('audit.emptyText') }}
      >
        <OfCustomer state={state} />
      </DeskTable>
    </>
  )
}

function detailOf(row: Row): string {
  return Object.entries(row.detail ?? {})
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(', ')
}

function useColumns(): DeskColumn<Row>[] {
  const t = useTranslations('staff')
  const words = useWords('what')
  return [
    { key: 'at', title: t('columns.at'), value: (row) => row.at, render: (row) => <When at={row.at} time /> },
    { key: 'actor', title: t('columns.actor'), value: (row) => row.actor, render: (row) => <ActorName actor={row.actor} /> },
    { key: 'action', title: t('columns.action'), value: (row) => row.action, render: (row) => words(row.action) },
    {
      key: 'object',
      title: t('columns.object'),
      value: (row) => `${row.object_type} ${row.object_id}`,
      render: (row) => <CopyText value={row.object_id} shown={`${row.object_type} …${row.object_id.slice(-6)}`} what={t('columns.object')} />,
    },
    {
      key: 'customer',
      title: t('columns.of'),
      csv: (row) => row.customer_id,
      render: (row) =>
        row.customer_id && (
          <SideLink href={toCustomer(row.customer_id)} label={t('audit.customerOf', { action: words(row.action) })}>
            {t('columns.customer')}
          </SideLink>
        ),
    },
    { key: 'reason', title: t('columns.reason'), value: (row) => row.reason, render: (row) => row.reason ?? '' },
    { key: 'detail', title: t('columns.detail'), value: detailOf, render: (row) => detailOf(row) },
    { key: 'correlation', title: t('columns.correlation'), hidden: true, csv: (row) => row.correlation, render: () => null },
  ]
}

/** `staff:…` in words; the whole id is in the title and in the CSV. */
export function ActorName({ actor }: { actor: string }) {
  const t = useTranslations('staff.audit')
  const [kind = '', id = ''] = actor.split(':')
  return <span title={actor} style={{ whiteSpace: 'nowrap' }}>{`${t.has(kind) ? t(kind) : kind}${id ? ` …${id.slice(-6)}` : ''}`}</span>
}
