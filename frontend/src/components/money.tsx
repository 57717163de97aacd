'use client'

import { useFormatter } from 'next-intl'
import type { MoneyBody } from '@/api/client'

/** Minor units into the currency's own number of places, by the reader's locale. */
export function useMoney(): (money: MoneyBody) => string {
  const format = useFormatter()
  return ({ amount, currency }) => {
    const places = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
    return format.number(amount / 10 ** places, { style: 'currency', currency })
  }
}

export function Money({ value }: { value: MoneyBody }) {
  return <span className="np-number">{useMoney()(value)}</span>
}
