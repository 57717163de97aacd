'use client'

import { Alert, Button } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { useAhead } from '@/components/data-table/ahead'
import type { DeskColumn } from '@/components/data-table/desk-rows'
import { DeskTable } from '@/components/data-table/desk-table'
import { useTableState } from '@/components/data-table/table-state'
import { PageHeader } from '@/components/page-header'
import { When } from '@/components/when'
import { ActorName } from '../lists/audit-list'
import { RowLink } from '../parts'
import { useMay } from '../queries'
import { Asides } from './asides'
import { loadRuns, type Run } from './queries'
import { RunBadge, Totals, tookSeconds } from './run-parts'
import { StartDialog } from './start-dialog'

/** Every billing run, with what it did; one by hand is looked at before it is started. */
export function RunsPage() {
  const t = useTranslations('upkeep.runs')
  const titles = useTranslations('staff.titles')
  const state = useTableState()
  const [starting, setStarting] = useState(false)
  const source = useAhead<Run>(['runs'], loadRuns, state.page)
  return (
    <>
      <PageHeader
        title={titles('billingRuns')}
        text={t('text')}
        action={
          useMay('subscriptions.manage') && (
            <Button size="sm" onClick={() => setStarting(true)}>
              {t('now')}
            </Button>
          )
        }
      />
      <Halted newest={source.rows?.[0]} />
      <Asides />
      <DeskTable
        label={titles('billingRuns')}
        file="billing-runs"
        columns={useColumns()}
        source={source}
        state={state}
        rowKey={(row) => row.id}
        empty={{ title: t('empty'), text: t('emptyText') }}
      />
      {starting && <StartDialog onClose={() => setStarting(false)} />}
    </>
  )
}

/** After a run that was stopped, nothing is billed until somebody says so. */
function Halted({ newest }: { newest: Run | undefined }) {
  const t = useTranslations('upkeep.runs')
  const state = useTableState()
  if (newest?.status !== 'stopped' || state.page > 1) return null
  return (
    <Alert color="orange" mb="lg" title={t('halted')}>
      {t('haltedText')}
    </Alert>
  )
}

function useColumns(): DeskColumn<Run>[] {
  const t = useTranslations('upkeep.runs')
  return [
    {
      key: 'on',
      title: t('on'),
      value: (run) => run.on,
      render: (run) => (
        <RowLink href={`/admin/billing-runs/${run.id}`}>
          <When at={run.on} />
        </RowLink>
      ),
    },
    { key: 'status', title: t('status'), value: (run) => run.status, render: (run) => <RunBadge run={run} /> },
    { key: 'by', title: t('by'), value: (run) => run.started_by, render: (run) => <ActorName actor={run.started_by} /> },
    { key: 'started', title: t('started'), value: (run) => run.started_at, render: (run) => <When at={run.started_at} time /> },
    {
      key: 'took',
      title: t('took'),
      number: true,
      value: (run) => tookSeconds(run),
      render: (run) => (run.ended_at ? t('seconds', { seconds: tookSeconds(run) ?? 0 }) : ''),
    },
    { key: 'lines', title: t('lines'), number: true, value: (run) => run.lines, render: (run) => run.lines },
    { key: 'free', title: t('free'), number: true, value: (run) => run.free, render: (run) => run.free },
    { key: 'aside', title: t('aside'), number: true, value: (run) => run.set_aside, render: (run) => run.set_aside },
    {
      key: 'total',
      title: t('total'),
      number: true,
      csv: (run) => run.sums.map((sum) => `${sum.total.amount} ${sum.total.currency}`).join(', '),
      render: (run) => <Totals sums={run.sums} />,
    },
  ]
}
