'use client'

import { Progress, Text } from '@mantine/core'
import { useFormatter, useTranslations } from 'next-intl'
import { useMoney } from '@/components/money'
import type { Threshold } from './queries'

const NEAR = 0.8

/** How much of the threshold is used up; nothing where the amount is not known. */
export function ThresholdMeter({ threshold: { highest, limit } }: { threshold: Threshold }) {
  const t = useTranslations('desk.threshold')
  const format = useFormatter()
  const money = useMoney()
  if (!limit || limit.amount <= 0) return null
  const part = Math.max(0, highest.amount / limit.amount)
  const text = t('meter', { used: money(highest), limit: money(limit), part: format.number(part, { style: 'percent' }) })
  return (
    <div>
      <Progress.Root size="lg" radius="sm">
        <Progress.Section
          value={Math.min(100, part * 100)}
          color={part > 1 ? 'red.7' : part >= NEAR ? 'orange.7' : 'brand.7'}
          aria-label={t('label')}
          aria-valuetext={text}
        />
      </Progress.Root>
      <Text size="sm" mt={4} className="np-number">
        {text}
      </Text>
    </div>
  )
}
