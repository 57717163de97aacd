'use client'

import { useFormatter, useTranslations } from 'next-intl'
import { Meter } from '@/components/charts/meter'
import { useMoney } from '@/components/money'
import classes from './catalog.module.css'
import type { Coupon } from './queries'

const WHOLE = 1_000_000

/** `10 %`, or the amounts by currency. */
export function useDiscount(): (coupon: Coupon) => string {
  const format = useFormatter()
  const money = useMoney()
  return ({ percent_ppm: ppm, amounts }) => {
    if (ppm !== null) return format.number(ppm / WHOLE, { style: 'percent', maximumFractionDigits: 4 })
    return Object.entries(amounts)
      .map(([currency, amount]) => money({ amount, currency }))
      .join(' · ')
  }
}

export function usePeriods(): (coupon: Coupon) => string {
  const t = useTranslations('catalog.coupons')
  return ({ periods }) => (periods === null ? t('forEver') : t('firstPeriods', { count: periods }))
}

/** How much of it has been used: a bar where there is an end to it. */
export function Remaining({ coupon }: { coupon: Coupon }) {
  const t = useTranslations('catalog.coupons')
  if (coupon.max_uses === null) return <span className="np-number">{t('usedEndless', { count: coupon.used_count })}</span>
  return (
    <div className={classes.bar}>
      <Meter label={t('usedOf', { code: coupon.code })} used={coupon.used_count} capacity={coupon.max_uses} />
    </div>
  )
}
