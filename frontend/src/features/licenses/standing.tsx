'use client'

import { Alert, Button, Stack, Text } from '@mantine/core'
import { useFormatter, useTranslations } from 'next-intl'
import { useNow } from '@/components/clock'
import Link from '@/components/link'
import { StatusBadge } from '@/components/status-badge'
import type { License } from './queries'
import { standingOf } from './use'

export function StandingBadge({ license }: { license: Pick<License, 'status' | 'expires_at'> }) {
  return <StatusBadge state={standingOf(license, useNow())} />
}

/** Where a license does not hold: why, what that means, and what to do. */
export function StandingNotice({ license }: { license: License }) {
  const t = useTranslations('licenses')
  const format = useFormatter()
  const standing = standingOf(license, useNow())
  if (standing === 'active') return null
  const date = license.expires_at ? format.dateTime(new Date(license.expires_at), { dateStyle: 'medium' }) : ''
  const reasons =
    standing === 'suspended' ? license.suspension_reasons.map((reason) => (t.has(`reason.${reason}`) ? t(`reason.${reason}`) : reason)) : []
  const way = wayOut(standing, license.suspension_reasons)
  return (
    <Alert color={standing === 'cancelled' ? 'gray' : 'red'} title={t(`standing.${standing}.title`)}>
      <Stack gap={6} align="flex-start">
        {reasons.map((reason) => (
          <Text key={reason} size="sm">
            {reason}
          </Text>
        ))}
        <Text size="sm">{t(`standing.${standing}.text`, { date })}</Text>
        {way && (
          <Button component={Link} href={way.href} mt={4} size="xs" variant="default">
            {t(way.label)}
          </Button>
        )}
      </Stack>
    </Alert>
  )
}

function wayOut(standing: 'suspended' | 'expired' | 'cancelled', reasons: readonly string[]): { href: string; label: string } | null {
  if (standing === 'expired') return { href: '/invoices', label: 'standing.expired.action' }
  if (standing === 'cancelled') return { href: '/pricing', label: 'standing.cancelled.action' }
  return reasons.includes('unpaid') ? { href: '/invoices', label: 'toInvoices' } : null
}
