'use client'

import { Text } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { Money } from '@/components/money'
import { StatusBadge } from '@/components/status-badge'
import { sumOf, useEstimate } from '@/features/catalog'
import type { CartItem } from '.'
import { Amount } from './amount'
import classes from './cart.module.css'
import { shownParts } from './quote-sums'

/** The cart by the price list, for whoever is not known yet: tax, coupon and what comes off come with the account. */
export function EstimateView({ items }: { items: CartItem[] }) {
  const t = useTranslations('cart')
  const { lines, known } = useEstimate(items)
  const sum = sumOf(lines.map((line) => line.price))
  return (
    <>
      {lines.map((line) => (
        <div key={line.id}>
          <Amount text={line.text} value={line.price}>
            {known && <StatusBadge state="unknown" />}
          </Amount>
          {shownParts(line.parts).map((part) => (
            <Amount key={part.text} part text={part.text} value={part.price}>
              {known && <StatusBadge state="unknown" />}
            </Amount>
          ))}
          {(line.trialDays > 0 || line.included) && (
            <Text size="sm" c="dimmed">
              {line.included ? t('included') : t('trial', { days: line.trialDays })}
            </Text>
          )}
        </div>
      ))}
      {sum && (
        <div className={classes.total}>
          <span>{t('net')}</span>
          <Money value={sum} />
        </div>
      )}
    </>
  )
}
