'use client'

import { Text, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { DataTable } from '@/components/data-table'
import { Money } from '@/components/money'
import { StatusBadge } from '@/components/status-badge'
import type { Run } from './queries'

const STATES: Record<Run['status'], string> = { running: 'processing', done: 'done', stopped: 'parked' }

export function RunBadge({ run }: { run: Run }) {
  const t = useTranslations('upkeep.runs.state')
  return <StatusBadge state={STATES[run.status]} word={t(run.status)} />
}

/** So many whole seconds; null while it runs. */
export function tookSeconds(run: Pick<Run, 'started_at' | 'ended_at'>): number | null {
  return run.ended_at ? Math.max(0, Math.round((Date.parse(run.ended_at) - Date.parse(run.started_at)) / 1000)) : null
}

/** Why it was stopped: by whom with which words, where it was somebody. */
export function stoppedFor({ stopped_because: because }: Pick<Run, 'stopped_because'>): { actor?: string; reason: string } | null {
  if (!because) return null
  const [, actor, reason] = /^(staff:[0-9a-f-]{36}): (.+)$/s.exec(because) ?? []
  return actor && reason ? { actor, reason } : { reason: because }
}

/** What was invoiced, each currency for itself. */
export function Totals({ sums }: { sums: Run['sums'] }) {
  return sums.map((sum) => (
    <div key={sum.total.currency}>
      <Money value={sum.total} />
    </div>
  ))
}

export function Sums({ sums }: { sums: Run['sums'] }) {
  const t = useTranslations('upkeep.runs')
  if (sums.length === 0) return null
  return (
    <section aria-label={t('sums')}>
      <Title order={2} fz={16} mb="xs">
        {t('sums')}
      </Title>
      <DataTable
        dense
        label={t('sums')}
        rows={sums}
        rowKey={(sum) => sum.total.currency}
        columns={[
          { key: 'currency', title: t('currency'), render: (sum) => <Text fz="inherit">{sum.total.currency}</Text> },
          { key: 'invoices', title: t('invoices'), number: true, render: (sum) => sum.invoices },
          { key: 'net', title: t('net'), number: true, render: (sum) => <Money value={sum.net} /> },
          { key: 'tax', title: t('tax'), number: true, render: (sum) => <Money value={sum.tax} /> },
          { key: 'total', title: t('total'), number: true, render: (sum) => <Money value={sum.total} /> },
        ]}
      />
    </section>
  )
}
