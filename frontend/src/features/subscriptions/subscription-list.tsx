'use client'

import { Anchor } from '@mantine/core'
import { IconRepeat } from '@tabler/icons-react'
import { useTranslations } from 'next-intl'
import { useCycleWords } from '@/components/cycle-words'
import { DataTable } from '@/components/data-table'
import { EmptyState } from '@/components/empty-state'
import { MoreButton } from '@/components/form/more-button'
import Link from '@/components/link'
import { Money } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { ProblemAlert } from '@/components/problem-alert'
import { When } from '@/components/when'
import type { Cycle } from '@/lib/cycle'
import { type Subscription, useSubscriptionList } from './queries'
import { isOver } from './standing'
import { SubscriptionBadge } from './subscription-badge'

/** What runs first, what is over last; else the newest first, as the API gives them. */
function inOrder(rows: Subscription[] | undefined): Subscription[] | undefined {
  return rows && [...rows].sort((one, other) => Number(isOver(one)) - Number(isOver(other)))
}

export function SubscriptionList() {
  const t = useTranslations('subscriptions.list')
  const cycles = useCycleWords()
  const list = useSubscriptionList()
  const { error } = list
  const rows = inOrder(list.rows)
  const empty = rows?.length === 0
  return (
    <>
      <PageHeader title={t('title')} text={t('text')} />
      {error && <ProblemAlert error={error} retry={list.again} />}
      {empty && <EmptyState icon={<IconRepeat />} title={t('empty')} text={t('emptyText')} action={{ href: '/pricing', label: t('toPlans') }} />}
      {!error && !empty && (
        <DataTable
          label={t('title')}
          rows={rows}
          rowKey={(row) => row.id}
          columns={[
            {
              key: 'what',
              title: t('what'),
              render: (row) => (
                <>
                  <Anchor component={Link} href={`/subscriptions/${row.id}`} fw={600}>
                    {row.plan_name}
                  </Anchor>
                  {row.domain && <div className="np-aside np-break">{row.domain}</div>}
                </>
              ),
            },
            { key: 'state', title: t('state'), render: (row) => <SubscriptionBadge of={row} /> },
            {
              key: 'price',
              title: t('price'),
              number: true,
              render: (row) => (
                <>
                  <Money value={row.price} /> <span className="np-aside">{cycles.per(row.cycle as Cycle)}</span>
                </>
              ),
            },
            { key: 'next', title: t('next'), render: (row) => <Next row={row} /> },
          ]}
        />
      )}
      <MoreButton {...list} />
    </>
  )
}

/** When it is invoiced next, or from when it is over. */
function Next({ row }: { row: Subscription }) {
  const t = useTranslations('subscriptions.list')
  if (isOver(row)) return t('nothing')
  if (row.status === 'pending') return t('onDelivery')
  if (row.cancel_on) return t.rich('endsOn', { on: () => <When key="w" at={row.cancel_on} relative /> })
  if (row.status === 'paused') return row.resume_on ? t.rich('resumesOn', { on: () => <When key="w" at={row.resume_on} relative /> }) : t('resting')
  return row.next_bill_on ? <When at={row.next_bill_on} relative /> : t('nothing')
}
