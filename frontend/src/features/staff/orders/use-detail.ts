'use client'

import { useMoney } from '@/components/money'

const SUM = /amount_minor (-?\d+), currency ([A-Z]{3})/

/** An event tells its amount in minor units: people read it as money. */
export function useDetail(): (detail: string | null) => string | null {
  const money = useMoney()
  return (detail) => detail?.replace(SUM, (_, amount: string, currency: string) => money({ amount: Number(amount), currency })) ?? null
}
