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
  sent: 'green',
  done: 'green',
  processed: 'green',
  up: 'green',
  live: 'green',
  committed: 'green',
  signing: 'green',
  on_sale: 'green',
  in_force: 'green',
  redeemed: 'green',
  trialing: 'blue',
  paused: 'blue',
  pending: 'blue',
  open: 'blue',
  requested: 'blue',
  waiting: 'blue',
  processing: 'blue',
  transferring: 'blue',
  calling: 'blue',
  picked: 'blue',
  queued: 'blue',
  held: 'blue',
  coming: 'blue',
  delayed: 'orange',
  parked: 'orange',
  set_aside: 'orange',
  past_due: 'orange',
  ending: 'orange',
  overdue: 'orange',
  in_doubt: 'orange',
  quarantined: 'orange',
  used_up: 'orange',
  draining: 'orange',
  refused: 'red',
  suspended: 'red',
  failed: 'red',
  expired: 'red',
  down: 'red',
  revoked: 'red',
  redemption: 'red',
  uncollectible: 'red',
}

/** One word and one color for a state, in the whole portal. `word`: for states that only staff see. */
export function StatusBadge({ state, word }: { state: string; word?: string }) {
  const t = useTranslations('common.state')
  return (
    <Badge variant="light" color={COLORS[state] ?? 'gray'} radius="sm" tt="none" fw={600} flex="none">
      {word ?? (t.has(state) ? t(state) : state)}
    </Badge>
  )
}
