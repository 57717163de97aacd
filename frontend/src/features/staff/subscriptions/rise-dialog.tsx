'use client'

import { Alert, Skeleton, Text, TextInput } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import type { Schemas } from '@/api/client'
import { useNow } from '@/components/clock'
import { DataTable } from '@/components/data-table'
import { Money } from '@/components/money'
import { Outdated } from '@/components/outdated'
import { ProblemAlert } from '@/components/problem-alert'
import { When } from '@/components/when'
import { NamedCustomer, useNames } from '../names'
import { type Deed, ReasonDialog } from '../reason-dialog'
import { announce, foresee } from './queries'

const NOTICE = 31
const DAY = 86_400_000
const LEAST = 10

interface RiseDialogProps {
  plan: { id: string; name: string }
  price: Schemas['PriceVersionBody']
  onClose: () => void
}

/** Moves those who pay an older version to this one: whom it touches is shown before anybody is told. */
export function RiseDialog({ plan, price, onClose }: RiseDialogProps) {
  const t = useTranslations('upkeep.rise')
  const now = useNow()
  const [day, setDay] = useState(() => new Date(now + NOTICE * DAY).toISOString().slice(0, 10))
  const deed: Deed = {
    title: t('title', { plan: plan.name, version: price.version }),
    text: t('text'),
    submit: t('submit'),
    done: t('done'),
    hint: t('kept'),
    names: ['not_before'],
    size: 'lg',
    danger: true,
    run: (reason) => announce(plan.id, price.id, day, reason),
    result: (answer) => <Told answer={answer as Schemas['PriceRiseBody']} />,
    fields: (faults) => (
      <>
        <TextInput
          type="date"
          size="sm"
          label={t('notBefore')}
          description={t('notBeforeHint')}
          value={day}
          error={faults.not_before}
          onChange={(event) => setDay(event.currentTarget.value)}
        />
        <Touched plan={plan.id} price={price.id} day={day} />
      </>
    ),
  }
  return <ReasonDialog deed={deed} onClose={onClose} />
}

function Told({ answer }: { answer: Schemas['PriceRiseBody'] }) {
  const t = useTranslations('upkeep.rise')
  return (
    <Alert color="green" role="status" title={t('told', { count: answer.announced })}>
      {answer.more ? t('more') : t('all')}
    </Alert>
  )
}

function Touched({ plan, price, day }: { plan: string; price: string; day: string }) {
  const t = useTranslations('upkeep.rise')
  const found = useQuery({
    queryKey: ['staff', 'rise', plan, price, day],
    queryFn: () => foresee(plan, price, day),
    enabled: day.length === LEAST,
    placeholderData: keepPreviousData,
    retry: false,
  })
  const names = useNames((found.data?.rows ?? []).map((row) => row.customer_id))
  if (found.error) return <ProblemAlert error={found.error} retry={() => found.refetch()} />
  if (!found.data) return <Skeleton height={80} />
  const { rows, count, more } = found.data
  if (count === 0) return <Text size="sm">{t('nobody')}</Text>
  return (
    <Outdated when={found.isPlaceholderData}>
      <Text size="sm" mb="xs" aria-live="polite">
        {t('touches', { count, more: more ? 'yes' : 'no' })}
      </Text>
      <DataTable
        dense
        label={t('whom')}
        rows={rows.slice(0, LEAST)}
        rowKey={(row) => row.subscription_id}
        columns={[
          { key: 'customer', title: t('customer'), render: (row) => <NamedCustomer id={row.customer_id} names={names} /> },
          { key: 'before', title: t('before'), number: true, render: (row) => <Money value={row.before} /> },
          { key: 'after', title: t('after'), number: true, render: (row) => <Money value={row.after} /> },
          { key: 'on', title: t('on'), render: (row) => <When at={row.effective_on} /> },
        ]}
      />
      {count > LEAST && (
        <Text size="sm" c="dimmed">
          {t('others', { count: count - LEAST })}
        </Text>
      )}
    </Outdated>
  )
}
