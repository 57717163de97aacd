'use client'

import { Group, Text } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { ProblemAlert } from '@/components/problem-alert'
import { StatusBadge } from '@/components/status-badge'
import { When } from '@/components/when'
import { useTaxId } from './queries'

/** The portal's one vocabulary of colors knows these states by others that mean the same. */
const SHOWN = {
  none: 'draft',
  pending: 'pending',
  valid: 'active',
  invalid: 'refused',
  unavailable: 'delayed',
  stale: 'pending',
  unchecked: 'draft',
} as const

/** Whether the register knows the tax id, and what that means for the tax. */
export function TaxIdStanding({ taxId }: { taxId: string | null }) {
  const t = useTranslations('account.taxId')
  const { data, error, refetch } = useTaxId(Boolean(taxId))
  if (!taxId)
    return (
      <Text size="sm" c="dimmed" mt={4}>
        {t('text.none')}
      </Text>
    )
  if (error) return <ProblemAlert error={error} retry={() => refetch()} />
  if (!data) return null
  return (
    <div role="status">
      <Group gap="xs" mt={4}>
        <Text size="sm" className="np-break">
          {data.tax_id ?? taxId}
        </Text>
        <StatusBadge state={SHOWN[data.state]} word={t(`state.${data.state}`)} />
        {data.checked_at && (
          <Text size="sm" c="dimmed">
            <When at={data.checked_at} time />
          </Text>
        )}
      </Group>
      <Text size="sm" c="dimmed" mt={4}>
        {t(`text.${data.state}`)}
      </Text>
    </div>
  )
}
