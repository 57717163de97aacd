'use client'

import { Alert, Skeleton, Stack, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useTranslations } from 'next-intl'
import { DataTable } from '@/components/data-table'
import { Money } from '@/components/money'
import { Outdated } from '@/components/outdated'
import { ProblemAlert } from '@/components/problem-alert'
import { type Impact, type Unit, useImpact, type WholePlan } from './queries'
import { cycleKey } from './versions'
import { useCycleWord } from './words'

const PAUSE = 300
const LONGEST = 120

interface PriceImpactProps {
  plan: WholePlan
  amount: number | null
  currency: string
  unit: Unit
  count: number
}

/** Asked while the price is typed, before anything is stored: whom it touches, and that they keep what they have. */
export function PriceImpact({ plan, amount, currency, unit, count }: PriceImpactProps) {
  const t = useTranslations('catalog.impact')
  const cycle = useCycleWord()
  const whole = Number.isInteger(count) && count >= 1 && count <= LONGEST
  const typed = amount !== null && unit !== 'once' && whole ? JSON.stringify({ amount, currency, unit, count }) : ''
  const [asked] = useDebouncedValue(typed, PAUSE)
  const found = useImpact(plan.id, asked ? JSON.parse(asked) : undefined, asked !== '')
  if (unit === 'once') return <Text size="sm">{t('once')}</Text>
  if (!typed || !asked) return <Text size="sm">{t('ask')}</Text>
  if (found.error) return <ProblemAlert error={found.error} retry={() => found.refetch()} />
  if (!found.data) return <Skeleton height={60} />
  const rows = touchedBy(found.data, { currency, cycle: { unit, count } })
  const touched = rows.reduce((sum, row) => sum + row.subscriptions, 0)
  const others = found.data.subscriptions - touched
  return (
    <Outdated when={typed !== asked || found.isPlaceholderData}>
      <Stack gap="xs" aria-live="polite" component="section" aria-label={t('title')}>
        <Alert color="blue" p="sm" title={t(touched > 0 ? 'touches' : 'nobody', { count: touched })}>
          <Text size="sm">{touched > 0 ? t('keep') : t('new', { cycle: cycle({ unit, count }), currency })}</Text>
          {others > 0 && <Text size="sm">{t('others', { count: others })}</Text>}
        </Alert>
        {touched > 0 && (
          <>
            <DataTable
              dense
              label={t('title')}
              rows={rows}
              rowKey={(row) => String(row.version)}
              columns={[
                { key: 'version', title: t('version'), number: true, render: (row) => row.version },
                { key: 'count', title: t('subscriptions'), number: true, render: (row) => row.subscriptions },
                { key: 'before', title: t('before'), number: true, render: (row) => <Money value={row.before} /> },
                { key: 'after', title: t('after'), number: true, render: (row) => row.after && <Money value={row.after} /> },
                { key: 'change', title: t('change'), number: true, render: (row) => row.change && <Money value={row.change} /> },
              ]}
            />
            <Text size="sm" c="dimmed">
              {t('moving')}
            </Text>
          </>
        )}
      </Stack>
    </Outdated>
  )
}

function touchedBy(impact: Impact, by: { currency: string; cycle: { unit: Unit; count: number } }): Impact['rows'] {
  return impact.rows.filter((row) => row.price.currency === by.currency && cycleKey(row.cycle) === cycleKey(by.cycle))
}
