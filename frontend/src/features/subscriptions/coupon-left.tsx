'use client'

import { useFormatter, useTranslations } from 'next-intl'
import { useMoney } from '@/components/money'
import type { Detail } from './queries'

/** What a coupon takes off, and for how long. */
export function CouponLeft({ detail }: { detail: Detail }) {
  const t = useTranslations('subscriptions.facts')
  const format = useFormatter()
  const money = useMoney()
  const { coupon } = detail
  if (!coupon) return null
  const off = coupon.amount ? money(coupon.amount) : format.number((coupon.percent_ppm ?? 0) / 1e6, { style: 'percent', maximumFractionDigits: 2 })
  return (
    <span>
      {coupon.code}: {t('off', { off })}
      <span className="np-aside"> · {coupon.periods_left === null ? t('forEver') : t('periodsLeft', { count: coupon.periods_left })}</span>
    </span>
  )
}
