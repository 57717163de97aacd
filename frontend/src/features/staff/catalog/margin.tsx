'use client'

import { Text } from '@mantine/core'
import { useFormatter, useTranslations } from 'next-intl'

/** What is left of a price after its cost; a loss is told as one. */
export function Margin({ part }: { part: number | null }) {
  const t = useTranslations('catalog.prices')
  const format = useFormatter()
  if (part === null) return null
  return (
    <Text size="sm" c={part < 0 ? 'red' : 'dimmed'} role="status">
      {t(part < 0 ? 'loss' : 'left', { part: format.number(Math.abs(part), { style: 'percent', maximumFractionDigits: 1 }) })}
    </Text>
  )
}
