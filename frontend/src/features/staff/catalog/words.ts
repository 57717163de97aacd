'use client'

import { useTranslations } from 'next-intl'
import type { Cycle } from './queries'
import type { FaultWords } from './sheet'

/** `a month`, `3 months`, `once`. */
export function useCycleWord(): (cycle: Cycle) => string {
  const t = useTranslations('catalog.cycle')
  return ({ unit, count }) => t(unit, { count })
}

/** A limit's or feature's name in words where there are any; else as it is, readable. */
export function useThing(): (name: string) => string {
  const t = useTranslations('catalog.thing')
  return (name) => (t.has(name) ? t(name) : name.replaceAll('_', ' '))
}

export function useFaultWords(): FaultWords {
  const t = useTranslations('catalog.fault')
  return { whole: t('whole'), amount: t('amount'), percent: t('percent') }
}
