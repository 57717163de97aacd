'use client'

import { Badge } from '@mantine/core'
import { useTranslations } from 'next-intl'

const COLORS: Record<string, string> = {
  active: 'green',
  ready: 'green',
  paid: 'green',
  completed: 'green',
  delivered: 'green',
  succeeded: 'green',
  pending: 'blue',
  open: 'blue',
  requested: 'blue',
  waiting: 'blue',
  processing: 'blue',
  transferring: 'blue',
  delayed: 'orange',
  parked: 'orange',
  past_due: 'orange',
  overdue: 'orange',
  refused: 'red',
  suspended: 'red',
  failed: 'red',
  expired: 'red',
  redemption: 'red',
  uncollectible: 'red',
}

/** One word and one color for a state, in the whole portal. */
export function StatusBadge({ state }: { state: string }) {
  const t = useTranslations('common.state')
  return (
    <Badge variant="light" color={COLORS[state] ?? 'gray'} radius="sm" tt="none" fw={600}>
      {t.has(state) ? t(state) : state}
    </Badge>
  )
}
