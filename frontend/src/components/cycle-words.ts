'use client'

import { useTranslations } from 'next-intl'
import type { Cycle } from '@/lib/cycle'

/** A billing cycle in words: `name` stands alone (“Monthly”), `per` behind a price (“per month”). */
export function useCycleWords() {
  const t = useTranslations('cart.cycles')
  return {
    name: ({ unit, count }: Cycle) => t('name', { unit, count }),
    per: ({ unit, count }: Cycle) => t('per', { unit, count }),
  }
}
