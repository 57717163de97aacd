'use client'

import { Group, SimpleGrid, Skeleton, Stack, TextInput, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { DataTable } from '@/components/data-table'
import { useTableState } from '@/components/data-table/table-state'
import { EmptyState } from '@/components/empty-state'
import { Money } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { Trouble } from '@/components/trouble'
import { When } from '@/components/when'
import { useToday } from '@/features/company'
import { laterDay } from '@/lib/day'
import { SideLink } from '../parts'
import { byDay, sumsOf } from './calendar-days'
import { type DayDue, useCalendar } from './queries'

const SHOWN = 31
const DAY = /^\d{4}-\d{2}-\d{2}$/

/** What falls due, day by day. */
export function CalendarPage() {
  const t = useTranslations('upkeep.calendar')
  const titles = useTranslations('staff.titles')
  const state = useTableState(['from', 'to'])
  const day = (text: string | undefined) => (text && DAY.test(text) ? text : undefined)
  const today = useToday()
  const from = day(state.chosen.from) ?? today
  const days = { from, to: day(state.chosen.to) ?? laterDay(from, SHOWN) }
  const { data: rows, error, refetch } = useCalendar(days.from, days.to)
  return (
    <>
      <PageHeader title={titles('billingCalendar')} text={t('text')} />
      <Group gap="sm" mb="md">
        {(['from', 'to'] as const).map((name) => (
          <TextInput
            key={name}
            type="date"
            size="sm"
            label={t(name)}
            value={state.chosen[name] || days[name]}
            onChange={(event) => state.choose(name, event.currentTarget.value)}
          />
        ))}
      </Group>
      {error && <Trouble error={error} retry={() => refetch()} />}
      {!rows && !error && <Skeleton height={260} radius="lg" />}
      {rows?.length === 0 && <EmptyState title={t('none')} text={t('noneText')} />}
      {rows && rows.length > 0 && (
        <Stack gap="lg">
          <section aria-labelledby="sums">
            <Title order={2} fz={18} mb="xs" id="sums">
              {t('sum')}
            </Title>
            <Table rows={sumsOf(rows)} label={t('sum')} />
          </section>
          <SimpleGrid cols={{ base: 1, lg: 2 }}>
            {byDay(rows).map(({ day: on, rows: found }) => (
              <section key={on} aria-label={on}>
                <Title order={2} fz={16} mb="xs">
                  <When at={on} relative />
                </Title>
                <Table rows={found} label={on} on={on} />
              </section>
            ))}
          </SimpleGrid>
        </Stack>
      )}
    </>
  )
}

function Table({ rows, label, on }: { rows: DayDue[]; label: string; on?: string }) {
  const t = useTranslations('upkeep.calendar')
  return (
    <DataTable
      dense
      label={label}
      rows={rows}
      rowKey={(row) => `${row.what} ${row.amount.currency}`}
      columns={[
        {
          key: 'what',
          title: t('what'),
          render: (row) =>
            on && row.what === 'renewal' ? (
              <SideLink href={`/admin/subscriptions?from=${on}&until=${on}`}>{t(`whats.${row.what}`)}</SideLink>
            ) : (
              t(`whats.${row.what}`)
            ),
        },
        { key: 'count', title: t('count'), number: true, render: (row) => row.count },
        { key: 'amount', title: t('amount'), number: true, render: (row) => (row.amount.amount > 0 ? <Money value={row.amount} /> : '') },
      ]}
    />
  )
}
