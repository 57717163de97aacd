'use client'

import { useTranslations } from 'next-intl'
import { StatusBadge } from '@/components/status-badge'

/** What is on sale, in force, redeemed: the catalog's own states, in the product's colors. */
export function CatalogBadge({ state }: { state: string }) {
  const t = useTranslations('catalog.state')
  return <StatusBadge state={state} word={t.has(state) ? t(state) : undefined} />
}

export function useCatalogStates(states: readonly string[]) {
  const t = useTranslations('catalog.state')
  return states.map((value) => ({ value, label: t(value) }))
}
