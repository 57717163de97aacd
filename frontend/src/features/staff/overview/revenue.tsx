'use client'

import { Card, Group, NativeSelect, Text, Title } from '@mantine/core'
import { useFormatter, useTranslations } from 'next-intl'
import { useState } from 'react'
import { RevenueChart } from '@/components/charts/revenue-chart'
import { useMoney } from '@/components/money'
import { useCompany } from '@/features/company'
import type { Overview } from '../queries'
import classes from './overview.module.css'

type Day = NonNullable<Overview['money']>['revenue_by_day'][number]

export function Revenue({ days }: { days: Day[] }) {
  const t = useTranslations('staff.overview')
  const format = useFormatter()
  const money = useMoney()
  const company = useCompany()
  const currencies = [...new Set(days.flatMap((day) => day.revenue.map((sum) => sum.currency)))]
  const [chosen, choose] = useState(currencies.includes(company.currency) ? company.currency : (currencies[0] ?? company.currency))
  const bars = days.map((day) => ({
    label: format.dateTime(new Date(day.day), { day: 'numeric', month: 'short', timeZone: 'UTC' }),
    value: day.revenue.find((sum) => sum.currency === chosen)?.amount ?? 0,
  }))
  const words = (amount: number) => money({ amount, currency: chosen })
  return (
    <Card padding="md" component="section" aria-labelledby="revenue">
      <Group justify="space-between" mb="sm">
        <div>
          <Title order={2} fz={16} id="revenue">
            {t('revenue')}
          </Title>
          <Text size="sm" c="dimmed">
            {t('revenueText', { sum: words(bars.reduce((sum, bar) => sum + bar.value, 0)) })}
          </Text>
        </div>
        {currencies.length > 1 && (
          <NativeSelect
            size="xs"
            aria-label={t('currency')}
            value={chosen}
            data={currencies}
            onChange={(event) => choose(event.currentTarget.value)}
          />
        )}
      </Group>
      <RevenueChart bars={bars} series={t('revenue')} format={words} />
      <ul className={classes.spoken} aria-label={t('revenue')}>
        {bars.map((bar) => (
          <li key={bar.label}>
            {bar.label}: {words(bar.value)}
          </li>
        ))}
      </ul>
    </Card>
  )
}
