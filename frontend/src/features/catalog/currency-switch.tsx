'use client'

import { NativeSelect } from '@mantine/core'
import { useLocale, useTranslations } from 'next-intl'
import { useCurrency } from '@/features/cart'
import { useCompany } from '@/features/company'
import { usePlans, useProducts } from './queries'

/** Shown where something is sold in more than one currency. Nothing is converted: each has prices of its own. */
export function CurrencySwitch() {
  const t = useTranslations('marketing.plans')
  const locale = useLocale()
  const { currency, setCurrency } = useCurrency()
  const own = useCompany().currency
  const sold = [...(usePlans().data ?? []), ...(useProducts().data ?? [])].flatMap((plan) => plan.currencies)
  const currencies = [...new Set([own, currency, ...sold])].sort()
  if (currencies.length < 2) return null
  const names = new Intl.DisplayNames(locale, { type: 'currency' })
  return (
    <NativeSelect
      aria-label={t('currency')}
      w={190}
      value={currency}
      onChange={(event) => setCurrency(event.currentTarget.value)}
      data={currencies.map((code) => ({ value: code, label: `${code} · ${names.of(code) ?? code}` }))}
    />
  )
}
