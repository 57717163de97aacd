'use client'

import { Card, Group, SimpleGrid, Skeleton, Text, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { Meter } from '@/components/charts/meter'
import Link from '@/components/link'
import { Money } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { Trouble } from '@/components/trouble'
import { When } from '@/components/when'
import { type Overview, useMay, useOverview } from '../queries'
import { NeedsSomeone } from './needs-someone'
import classes from './overview.module.css'
import { Revenue } from './revenue'

export function OverviewPage() {
  const t = useTranslations('staff')
  const found = useOverview()
  const overview = found.data
  return (
    <>
      <PageHeader title={t('titles.overview')} text={overview && <AsOf at={overview.at} />} />
      {found.error && <Trouble error={found.error} retry={() => found.refetch()} />}
      {!overview && !found.error && <Skeleton height={420} radius="lg" />}
      {overview && (
        <>
          <NeedsSomeone overview={overview} />
          {overview.money && <MoneyTiles money={overview.money} />}
          <SimpleGrid cols={{ base: 1, md: overview.money ? 2 : 1 }} spacing="md" mt="md">
            {overview.money && <Revenue days={overview.money.revenue_by_day} />}
            <div className={classes.stack}>
              <Orders counts={overview.orders} />
              <Fleet fleet={overview.fleet} />
            </div>
          </SimpleGrid>
        </>
      )}
    </>
  )
}

function AsOf({ at }: { at: string }) {
  const t = useTranslations('staff.overview')
  return t.rich('asOf', { at: () => <When at={at} time /> })
}

function MoneyTiles({ money }: { money: NonNullable<Overview['money']> }) {
  const t = useTranslations('staff.overview')
  const spans = [
    ['today', money.today],
    ['thisMonth', money.this_month],
    ['lastMonth', money.last_month],
  ] as const
  return (
    <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="md" mt="md">
      {spans.map(([name, span]) => (
        <Card key={name} padding="md" component="section" aria-label={t(name)}>
          <Group justify="space-between" align="baseline">
            <Text size="sm" c="dimmed">
              {t(name)}
            </Text>
            <Text size="xs" c="dimmed">
              <When at={span.first} />
              {span.last !== span.first && (
                <>
                  {' – '}
                  <When at={span.last} />
                </>
              )}
            </Text>
          </Group>
          {span.paid.map((sum) => (
            <div key={sum.currency} className={classes.figure}>
              <Money value={sum} />
            </div>
          ))}
          <Text size="sm" c="dimmed">
            {t('refunded')}{' '}
            {span.refunded.map((sum, at) => (
              <span key={sum.currency}>
                {at > 0 && ', '}
                <Money value={sum} />
              </span>
            ))}
          </Text>
        </Card>
      ))}
    </SimpleGrid>
  )
}

function Orders({ counts }: { counts: Overview['orders'] }) {
  const t = useTranslations('staff')
  return (
    <Card padding="md" component="section" aria-labelledby="orders">
      <Title order={2} fz={16} mb="xs" id="orders">
        {t('overview.orders')}
      </Title>
      <div className={classes.counts}>
        {(['pending', 'paid', 'completed', 'cancelled'] as const).map((state) => (
          <Count key={state} href={`/admin/orders?state=${state}`} label={t(`overview.${state}`)}>
            {counts[state]}
          </Count>
        ))}
      </div>
    </Card>
  )
}

function Count({ href, label, children }: { href: string; label: string; children: ReactNode }) {
  return (
    <Link href={href} className={classes.count}>
      <span className={classes.number}>{children}</span>
      <span className={classes.label}>{label}</span>
    </Link>
  )
}

function Fleet({ fleet }: { fleet: Overview['fleet'] }) {
  const t = useTranslations('staff.overview')
  const may = useMay('servers.read')
  const title = t('fleet')
  return (
    <Card padding="md" component="section" aria-labelledby="fleet">
      <Group justify="space-between" mb="xs">
        <Title order={2} fz={16} id="fleet">
          {title}
        </Title>
        {may && <Link href="/admin/servers">{t('toServers')}</Link>}
      </Group>
      <Meter label={title} used={fleet.used} capacity={fleet.capacity} />
      <Text size="sm" c="dimmed" mt={6}>
        {t('fleetText', { free: fleet.free, accepting: fleet.accepting, servers: fleet.servers })}
      </Text>
    </Card>
  )
}
