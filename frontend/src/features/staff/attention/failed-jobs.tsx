'use client'

import { Button, Card, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { api, type Schemas, take } from '@/api/client'
import { CopyText } from '@/components/copy-text'
import { DataTable } from '@/components/data-table'
import { Trouble } from '@/components/trouble'
import { When } from '@/components/when'
import { useWorkDeeds } from '../orders/deeds'
import { useMay } from '../queries'
import type { Deed } from '../reason-dialog'

type Page = Schemas['FailedJobsPage']
const POLL = 15_000
const SHOWN = 200

export function FailedJobs({ onDeed }: { onDeed: (deed: Deed) => void }) {
  const t = useTranslations('staff')
  const found = useQuery<Page>({
    queryKey: ['staff', 'failed-jobs'],
    queryFn: () => take(api.GET('/api/v1/admin/jobs/failed', { params: { query: { limit: SHOWN } } })),
    refetchInterval: POLL,
  })
  const empty = found.data?.items.length === 0
  return (
    <section aria-labelledby="failed">
      <Title order={2} fz={18} mb="sm" id="failed">
        {t('work.failed')}
      </Title>
      {found.error && <Trouble error={found.error} retry={() => found.refetch()} />}
      {empty && (
        <Card padding="md">
          <Text c="dimmed">{t('work.nothingFailed')}</Text>
        </Card>
      )}
      {!found.error && !empty && <Jobs jobs={found.data?.items} onDeed={onDeed} />}
      {found.data?.next_before && (
        <Text size="sm" c="dimmed" mt="xs">
          {t('work.moreFailed', { count: SHOWN })}
        </Text>
      )}
    </section>
  )
}

function Jobs({ jobs, onDeed }: { jobs: Page['items'] | undefined; onDeed: (deed: Deed) => void }) {
  const t = useTranslations('staff')
  const deeds = useWorkDeeds()
  const may = useMay('jobs.manage')
  return (
    <DataTable
      dense
      label={t('work.failed')}
      rows={jobs}
      rowKey={(job) => String(job.id)}
      columns={[
        { key: 'job', title: t('columns.job'), render: (job) => <code className="np-code">{job.job}</code> },
        { key: 'error', title: t('columns.cause'), render: (job) => job.error ?? '' },
        { key: 'attempts', title: t('columns.attempts'), number: true, render: (job) => job.attempts },
        { key: 'created', title: t('columns.since'), render: (job) => <When at={job.created} time /> },
        {
          key: 'correlation',
          title: t('columns.correlation'),
          render: (job) => <CopyText value={job.correlation} shown={`…${job.correlation.slice(-12)}`} what={t('columns.correlation')} />,
        },
        {
          key: 'do',
          title: t('columns.do'),
          render: (job) =>
            may && (
              <Button size="compact-xs" onClick={() => onDeed(deeds.requeue(job.id, job.job))} aria-label={t('deed.requeueTitle', { name: job.job })}>
                {t('deed.requeue')}
              </Button>
            ),
        },
      ]}
    />
  )
}
