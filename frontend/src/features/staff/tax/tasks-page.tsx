'use client'

import { Button, Group, NativeSelect } from '@mantine/core'
import { useLocale, useTranslations } from 'next-intl'
import { useState } from 'react'
import { api, take } from '@/api/client'
import type { DeskColumn } from '@/components/data-table/desk-rows'
import { DeskTable } from '@/components/data-table/desk-table'
import { among, useTableState } from '@/components/data-table/table-state'
import { useWhole } from '@/components/data-table/whole'
import { useMoney } from '@/components/money'
import { When } from '@/components/when'
import { useCompany } from '@/features/company'
import { countryName } from '@/lib/address'
import { ReasonDialog } from '../dialogs'
import { NamedCustomer, useNames } from '../names'
import { SideLink, toOrder } from '../parts'
import { useMay } from '../queries'
import type { Deed } from '../reason-dialog'
import { StateBadge } from '../state-badge'
import { closeTask, correctTask, type Task } from './queries'
import { TaxFrame } from './tax-frame'

const STATES = ['open', 'done', 'dismissed'] as const

/** What tax can't decide by itself. */
export function TasksPage() {
  const t = useTranslations('staff')
  const words = useTranslations('desk.tasks')
  const state = useTableState(['state'])
  // What waits comes first: all of them are one choice away.
  const chosen = state.chosen.state === 'all' ? undefined : (among(STATES, state.chosen.state) ?? 'open')
  const source = useWhole<Task>(['tax', 'tasks', chosen], (cursor, limit) =>
    take(api.GET('/api/v1/admin/tax/tasks', { params: { query: { state: chosen, cursor, limit } } })),
  )
  const [deed, setDeed] = useState<Deed | null>(null)
  return (
    <TaxFrame title={t('titles.taxTasks')} text={words('text')}>
      <DeskTable
        label={t('titles.taxTasks')}
        file="tax-tasks"
        columns={useColumns(source.rows, setDeed)}
        source={source}
        state={state}
        rowKey={(row) => row.id}
        empty={{ title: words('empty'), text: words('emptyText') }}
      >
        <NativeSelect
          size="sm"
          aria-label={t('columns.state')}
          value={chosen ?? 'all'}
          onChange={(event) => state.choose('state', event.currentTarget.value === 'open' ? '' : event.currentTarget.value)}
          data={[...STATES.map((value) => ({ value, label: words(`state_${value}`) })), { value: 'all', label: t('table.allStates') }]}
        />
      </DeskTable>
      {deed && <ReasonDialog deed={deed} onClose={() => setDeed(null)} />}
    </TaxFrame>
  )
}

function useColumns(rows: Task[] | undefined, onDeed: (deed: Deed) => void): DeskColumn<Task>[] {
  const t = useTranslations('staff.columns')
  const words = useTranslations('desk.tasks')
  const names = useNames((rows ?? []).map((row) => row.customer_id))
  const may = useMay('tax.manage')
  const deeds = useDeeds()
  const detail = useDetail()
  return [
    { key: 'kind', title: words('kind'), value: (row) => words(`kind_${row.kind}`), render: (row) => words(`kind_${row.kind}`) },
    { key: 'state', title: t('state'), value: (row) => row.state, render: (row) => <StateBadge state={row.state} /> },
    {
      key: 'customer',
      title: t('customer'),
      value: (row) => names.get(row.customer_id) ?? row.customer_id,
      render: (row) => <NamedCustomer id={row.customer_id} names={names} />,
    },
    { key: 'about', title: words('about'), csv: (row) => row.subject_id, render: (row) => <About task={row} /> },
    { key: 'detail', title: t('detail'), csv: detail, render: detail },
    { key: 'opened', title: words('opened'), value: (row) => row.opened_at, render: (row) => <When at={row.opened_at} time /> },
    { key: 'note', title: words('note'), csv: (row) => row.note, render: (row) => row.note },
    {
      key: 'do',
      title: t('do'),
      render: (row) =>
        may &&
        row.state === 'open' && (
          <Group gap={4} wrap="nowrap">
            {row.kind === 'late_proof' && (
              <Button size="compact-xs" onClick={() => onDeed(deeds.correct(row))}>
                {words('correct')}
              </Button>
            )}
            <Button variant="default" size="compact-xs" onClick={() => onDeed(deeds.close(row, 'done'))}>
              {words('done')}
            </Button>
            <Button variant="default" size="compact-xs" onClick={() => onDeed(deeds.close(row, 'dismissed'))}>
              {words('dismiss')}
            </Button>
          </Group>
        ),
    },
  ]
}

function useDeeds() {
  const words = useTranslations('desk.tasks')
  const kept = useTranslations('staff.license')('kept')
  return {
    correct: (task: Task): Deed => ({
      plain: true,
      title: words('correctTitle', { number: String(task.detail.number ?? '') }),
      text: words('correctText'),
      submit: words('correct'),
      done: words('corrected'),
      run: () => correctTask(task.id),
    }),
    close: (task: Task, state: 'done' | 'dismissed'): Deed => ({
      title: words(state === 'done' ? 'doneTitle' : 'dismissTitle'),
      text: words(state === 'done' ? 'doneText' : 'dismissText'),
      submit: words(state === 'done' ? 'done' : 'dismiss'),
      done: words('closed'),
      hint: kept,
      reasonName: 'note',
      run: (note) => closeTask(task.id, state, note),
    }),
  }
}

function About({ task }: { task: Task }) {
  const t = useTranslations('staff.columns')
  if (task.subject_type === 'invoicing.invoice')
    return <SideLink href={`/admin/invoices/${task.subject_id}`}>{String(task.detail.number ?? t('invoice'))}</SideLink>
  if (task.subject_type === 'orders.order') return <SideLink href={toOrder(task.subject_id)}>{t('order')}</SideLink>
  return task.subject_type
}

/** What is known of it, in words: countries by their names, amounts as money of the books. */
function useDetail(): (task: Task) => string {
  const words = useTranslations('desk.tasks')
  const proof = useTranslations('desk.buyer')
  const locale = useLocale()
  const money = useMoney()
  const { currency } = useCompany()
  const said = (name: string, value: unknown) => {
    const label = words.has(`detail_${name}`) ? words(`detail_${name}`) : proof.has(`evidence_${name}`) ? proof(`evidence_${name}`) : name
    if (name.endsWith('_minor')) return `${label}: ${money({ amount: Number(value), currency })}`
    return `${label}: ${countryName(String(value), locale)}`
  }
  return ({ detail }) =>
    Object.entries(detail)
      .filter(([name]) => name !== 'number')
      .map(([name, value]) => said(name, value))
      .join(', ')
}
