'use client'

import { useFormatter } from 'next-intl'
import type { MoneyBody } from '@/api/client'
import { inUnits } from '@/lib/money'

/** Minor units into the currency's own number of places, by the reader's locale. */
export function useMoney(): (money: MoneyBody) => string {
  const format = useFormatter()
  return (money) => format.number(inUnits(money), { style: 'currency', currency: money.currency })
}

export function Money({ value }: { value: MoneyBody }) {
  return <span className="np-number">{useMoney()(value)}</span>
}
