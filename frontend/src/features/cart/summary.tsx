'use client'

import { Card, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { ProblemAlert } from '@/components/problem-alert'
import { type CartItem, isComplete } from '.'
import classes from './cart.module.css'
import { CouponField } from './coupon-field'
import { EstimateView } from './estimate-view'
import { useQuote } from './quote'
import { QuoteView } from './quote-view'

/** `known`: whoever orders is logged in, so that the shop can say the exact sums. */
export function Summary({ items, known, children }: { items: CartItem[]; known: boolean; children?: ReactNode }) {
  const t = useTranslations('cart')
  const asked = known && isComplete(items)
  const quote = useQuote(items, asked)
  const found = asked ? quote.data : undefined
  return (
    <Card className={classes.side} component="aside" aria-label={t('summary')}>
      <Title order={2} fz={18} mb="xs">
        {t('summary')}
      </Title>
      {asked && quote.error && <ProblemAlert error={quote.error} retry={() => quote.refetch()} />}
      {found ? <QuoteView quote={found} /> : <EstimateView items={items} />}
      <CouponField quote={found} busy={quote.isFetching} />
      {children}
    </Card>
  )
}
