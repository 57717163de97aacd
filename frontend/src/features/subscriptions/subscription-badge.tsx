'use client'

import { StatusBadge } from '@/components/status-badge'
import type { Subscription } from './queries'
import { badgeOf } from './standing'

export function SubscriptionBadge({ of }: { of: Pick<Subscription, 'status' | 'cancel_on'> }) {
  return <StatusBadge state={badgeOf(of)} />
}
