'use client'

import { useTranslations } from 'next-intl'
import type { Method } from './queries'

const BRANDS: Record<string, string> = {
  visa: 'Visa',
  mastercard: 'Mastercard',
  amex: 'American Express',
  discover: 'Discover',
  diners: 'Diners Club',
  jcb: 'JCB',
  unionpay: 'UnionPay',
}

export function brandOf(card: Pick<Method, 'brand'>): string {
  return BRANDS[card.brand] ?? card.brand.replaceAll('_', ' ').replace(/^./, (first) => first.toUpperCase())
}

export function CardName({ card }: { card: Pick<Method, 'brand' | 'last4'> }) {
  const t = useTranslations('subscriptions.methods')
  return <span className="np-number">{t('name', { brand: brandOf(card), last4: card.last4 })}</span>
}
