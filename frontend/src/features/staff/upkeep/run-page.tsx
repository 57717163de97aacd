'use client'

import { Button, Card, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { useShownPages } from '@/api/pages'
import { DataTable } from '@/components/data-table'
import { Facts } from '@/components/facts'
import { MoreButton } from '@/components/form/more-button'
import { Money } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { Trouble } from '@/components/trouble'
import { When } from '@/components/when'
import { lastDay } from '@/lib/day'
import { ReasonDialog } from '../dialogs'
import { ActorName } from '../lists/audit-list'
import { NamedCustomer, useNames } from '../names'
import { RowLink } from '../parts'
import { useMay } from '../queries'
import type { Deed } from '../reason-dialog'
import { StateBadge } from '../state-badge'
import { loadLines, type Run, type RunLine, stopRun, useRun } from './queries'
import { RunBadge, Sums, stoppedFor, tookSeconds } from './run-parts'

export function RunPage({ id }: { id: string }) {
  const t = useTranslations('upkeep.runs')
  const titles = useTranslations('staff.titles')
  const found = useRun(id)
  const run = found.data
  return (
    <>
      <PageHeader
        title={run ? t('title', { date: new Date(run.on) }) : titles('billingRun')}
        back={{ href: '/admin/billing-runs', label: titles('billingRuns') }}
        badge={run && <RunBadge run={run} />}
        action={run?.status === 'running' && <Stop run={run} />}
      />
      {found.error && <Trouble error={found.error} retry={() => found.refetch()} />}
      {!run && !found.error && <Skeleton height={260} radius="lg" />}
      {run && (
        <Stack gap="lg">
          <About run={run} />
          <Sums sums={run.sums} />
          <Lines run={run} />
        </Stack>
      )}
    </>
  )
}

function About({ run }: { run: Run }) {
  const t = useTranslations('upkeep.runs')
  const took = tookSeconds(run)
  return (
    <Card component="section" aria-label={t('about')}>
      <Facts
        of={[
          [t('started'), <When key="s" at={run.started_at} time />],
          [t('by'), <ActorName key="b" actor={run.started_by} />],
          [t('took'), took === null ? null : t('seconds', { seconds: took })],
          [t('lines'), String(run.lines)],
          [t('free'), String(run.free)],
          [t('aside'), String(run.set_aside)],
          [t('maxLines'), run.max_lines === null ? null : String(run.max_lines)],
          [t('stoppedBecause'), run.stopped_because && <Because key="w" run={run} />],
        ]}
      />
    </Card>
  )
}

/** Staff's own words with their name; else what the product stopped it for. */
function Because({ run }: { run: Run }) {
  const t = useTranslations('upkeep.runs')
  const words = stoppedFor(run)
  if (!words) return null
  if (!words.actor) return run.max_lines === null ? words.reason : t('braked')
  return (
    <>
      {words.reason} · <ActorName actor={words.actor} />
    </>
  )
}

function Stop({ run }: { run: Run }) {
  const t = useTranslations('upkeep.runs')
  const [open, setOpen] = useState(false)
  if (!useMay('subscriptions.manage')) return null
  const deed: Deed = {
    title: t('stop'),
    text: t('stopText'),
    submit: t('stop'),
    done: t('stopDone'),
    hint: t('kept'),
    danger: true,
    run: (reason) => stopRun(run.id, reason),
  }
  return (
    <>
      <Button size="sm" variant="default" onClick={() => setOpen(true)}>
        {t('stop')}
      </Button>
      {open && <ReasonDialog deed={deed} onClose={() => setOpen(false)} />}
    </>
  )
}

/** Each period that it billed, and what became of its invoice. */
function Lines({ run }: { run: Run }) {
  const t = useTranslations('upkeep.runs')
  const list = useShownPages<RunLine>(['staff', 'run', run.id, 'lines', run.lines + run.free], loadLines(run.id))
  const names = useNames((list.rows ?? []).map((line) => line.customer_id))
  return (
    <section aria-labelledby="lines">
      <Title order={2} fz={18} mb="xs" id="lines">
        {t('toWhom')}
      </Title>
      {list.error && <Trouble error={list.error} retry={list.again} />}
      {list.rows?.length === 0 ? (
        <Card padding="sm">
          <Text size="sm" c="dimmed">
            {t('noLines', { why: run.status === 'done' && run.set_aside > 0 ? 'aside' : run.status })}
          </Text>
        </Card>
      ) : (
        <DataTable
          dense
          label={t('toWhom')}
          rows={list.rows}
          rowKey={(line) => `${line.subscription_id} ${line.period_index}`}
          columns={[
            { key: 'customer', title: t('customer'), render: (line) => <NamedCustomer id={line.customer_id} names={names} /> },
            {
              key: 'plan',
              title: t('plan'),
              render: (line) => <RowLink href={`/admin/subscriptions/${line.subscription_id}`}>{line.plan_name}</RowLink>,
            },
            {
              key: 'period',
              title: t('period'),
              render: (line) => (
                <>
                  <When at={line.period_start} /> – <When at={lastDay(line.period_end)} />
                </>
              ),
            },
            {
              key: 'invoice',
              title: t('invoice'),
              render: (line) =>
                line.invoice_id ? <RowLink href={`/admin/invoices/${line.invoice_id}`}>{line.invoice_number ?? '…'}</RowLink> : t('nothing'),
            },
            { key: 'state', title: t('invoiceState'), render: (line) => (line.invoice_status ? <StateBadge state={line.invoice_status} /> : '') },
            { key: 'amount', title: t('amount'), number: true, render: (line) => (line.total ? <Money value={line.total} /> : '') },
          ]}
        />
      )}
      <MoreButton {...list} />
    </section>
  )
}
