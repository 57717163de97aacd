'use client'

import { useTranslations } from 'next-intl'
import { StatusBadge } from '@/components/status-badge'

/** Staff see states that customers never meet, such as a step in doubt. */
export function StateBadge({ state, kind }: { state: string; kind?: 'health' | 'hold' | 'signing' }) {
  const t = useTranslations('staff.state')
  const name = kind ? `${kind}_${state}` : state
  return <StatusBadge state={state} word={t.has(name) ? t(name) : undefined} />
}

export function useStateWord(): (state: string) => string {
  const t = useTranslations('staff.state')
  const common = useTranslations('common.state')
  return (state) => {
    if (t.has(state)) return t(state)
    return common.has(state) ? common(state) : state
  }
}
