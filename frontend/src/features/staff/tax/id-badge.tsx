'use client'

import { Badge } from '@mantine/core'
import { useTranslations } from 'next-intl'

const COLORS: Record<string, string> = { valid: 'green', pending: 'blue', invalid: 'red', unavailable: 'orange', stale: 'orange' }

/** What a VAT id is worth: a word and a color. */
export function IdBadge({ state }: { state: string }) {
  const t = useTranslations('desk.ids')
  return (
    <Badge variant="light" color={COLORS[state] ?? 'gray'} radius="sm" tt="none" fw={600}>
      {t.has(`state_${state}`) ? t(`state_${state}`) : state}
    </Badge>
  )
}
