'use client'

import { Badge, Button, Card, Group, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useFormatter, useTranslations } from 'next-intl'
import { useState } from 'react'
import { useNow } from '@/components/clock'
import { DataTable } from '@/components/data-table'
import { Facts } from '@/components/facts'
import Link from '@/components/link'
import { Money } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { Trouble } from '@/components/trouble'
import { When } from '@/components/when'
import { ReasonDialog } from '../dialogs'
import { useMay } from '../queries'
import type { Deed } from '../reason-dialog'
import { type Month, monthsUntil } from './months'
import { closeMonth, reopenMonth, useMonths, useTrialBalance } from './queries'

const BACK = 12

/** Do the books balance, and which months are closed? */
export function BooksPage() {
  const t = useTranslations('staff.titles')
  const words = useTranslations('desk.books')
  return (
    <>
      <PageHeader
        title={t('books')}
        text={words('text')}
        action={
          <Button variant="default" size="sm" component={Link} href="/admin/books/rates">
            {t('rates')}
          </Button>
        }
      />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md" style={{ alignItems: 'start' }}>
        <Balance />
        <Months />
      </SimpleGrid>
    </>
  )
}

function Balance() {
  const words = useTranslations('desk.books')
  const found = useTrialBalance()
  if (found.error) return <Trouble error={found.error} retry={() => void found.refetch()} />
  if (!found.data) return <Skeleton height={160} radius="lg" />
  const { balanced, balances } = found.data
  return (
    <Card component="section" aria-labelledby="balance">
      <Group gap="sm" mb="sm">
        <Title order={2} fz={18} id="balance">
          {words('trialBalance')}
        </Title>
        <Badge variant="light" color={balanced ? 'green' : 'red'} radius="sm" tt="none" fw={600}>
          {words(balanced ? 'balanced' : 'unbalanced')}
        </Badge>
      </Group>
      <Text size="sm" c="dimmed" mb="sm">
        {words('trialText')}
      </Text>
      <Facts of={Object.entries(balances).map(([currency, amount]) => [currency, <Money key={currency} value={{ amount, currency }} />])} />
    </Card>
  )
}

function Months() {
  const words = useTranslations('desk.books')
  const format = useFormatter()
  const now = useNow()
  const found = useMonths()
  const may = useMay('ledger.manage')
  const deeds = useMonthDeeds()
  const [deed, setDeed] = useState<Deed | null>(null)
  const rows = found.data && monthsUntil(new Date(now), BACK, found.data)
  const named = (month: string) => format.dateTime(new Date(`${month}-01T00:00:00Z`), { month: 'long', year: 'numeric', timeZone: 'UTC' })
  return (
    <section aria-labelledby="months">
      <Stack gap="xs">
        <Title order={2} fz={18} id="months">
          {words('months')}
        </Title>
        <Text size="sm" c="dimmed">
          {words('monthsText')}
        </Text>
        {found.error && <Trouble error={found.error} retry={() => void found.refetch()} />}
        {!found.error && (
          <DataTable<Month>
            dense
            label={words('months')}
            rows={rows}
            rowKey={(row) => row.month}
            columns={[
              { key: 'month', title: words('month'), render: (row) => named(row.month) },
              { key: 'state', title: words('state'), render: (row) => <MonthState month={row} /> },
              { key: 'at', title: words('closedAt'), render: (row) => row.closedAt && <When at={row.closedAt} time /> },
              {
                key: 'do',
                title: words('do'),
                render: (row) =>
                  may &&
                  row.state !== 'running' && (
                    <Button
                      variant="default"
                      size="compact-xs"
                      onClick={() => setDeed(deeds[row.state === 'closed' ? 'reopen' : 'close'](row.month, named(row.month)))}
                      aria-label={words(row.state === 'closed' ? 'reopenOf' : 'closeOf', { month: named(row.month) })}
                    >
                      {words(row.state === 'closed' ? 'reopen' : 'close')}
                    </Button>
                  ),
              },
            ]}
          />
        )}
      </Stack>
      {deed && <ReasonDialog deed={deed} onClose={() => setDeed(null)} />}
    </section>
  )
}

function MonthState({ month }: { month: Month }) {
  const words = useTranslations('desk.books')
  return (
    <Badge variant="light" color={month.state === 'closed' ? 'gray' : 'blue'} radius="sm" tt="none" fw={600}>
      {words(`state_${month.state}`)}
    </Badge>
  )
}

function useMonthDeeds() {
  const words = useTranslations('desk.books')
  const kept = useTranslations('staff.license')('kept')
  return {
    close: (month: string, name: string): Deed => ({
      title: words('closeOf', { month: name }),
      text: words('closeText'),
      submit: words('closeSubmit'),
      done: words('closed', { month: name }),
      hint: kept,
      run: (reason) => closeMonth(month, reason),
    }),
    reopen: (month: string, name: string): Deed => ({
      title: words('reopenOf', { month: name }),
      text: words('reopenText'),
      submit: words('reopen'),
      done: words('reopened', { month: name }),
      hint: kept,
      danger: true,
      run: (reason) => reopenMonth(month, reason),
    }),
  }
}
