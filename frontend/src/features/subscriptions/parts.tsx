'use client'

import { Anchor, Card, Text, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { DataTable } from '@/components/data-table'
import Link from '@/components/link'
import { Money } from '@/components/money'
import { StatusBadge } from '@/components/status-badge'
import { When } from '@/components/when'
import { lastDay } from '@/lib/day'
import type { Detail } from './queries'

/** What each period is charged for, piece by piece. */
export function Items({ detail, versions }: { detail: Detail; versions?: boolean }) {
  const t = useTranslations('subscriptions.items')
  const kept = detail.items.map((item, at) => ({ ...item, at }))
  return (
    <section aria-labelledby="items">
      <Title order={2} fz={18} mb="sm" id="items">
        {t('title')}
      </Title>
      <DataTable
        label={t('title')}
        rows={kept}
        rowKey={(item) => String(item.at)}
        dense={versions}
        columns={[
          {
            key: 'what',
            title: t('what'),
            render: (item) => (
              <>
                {item.name}
                {item.billing === 'first_period' && <div className="np-aside">{t('once')}</div>}
              </>
            ),
          },
          { key: 'quantity', title: t('quantity'), number: true, render: (item) => item.quantity },
          { key: 'unit', title: t('unit'), number: true, render: (item) => <Money value={item.unit} /> },
          ...(versions ? [{ key: 'version', title: t('version'), number: true, render: (item: (typeof kept)[number]) => item.price_version }] : []),
          {
            key: 'sum',
            title: t('sum'),
            number: true,
            render: (item) => <Money value={{ ...item.unit, amount: item.unit.amount * item.quantity }} />,
          },
        ]}
      />
      <Text size="sm" c="dimmed" mt="xs">
        {t('net')}
      </Text>
    </section>
  )
}

/** Each period that was billed, with its invoice. `to`: where invoices are read. */
export function InvoicesOf({ detail, to }: { detail: Detail; to: string }) {
  const t = useTranslations('subscriptions.periods')
  return (
    <section aria-labelledby="periods">
      <Title order={2} fz={18} mb="sm" id="periods">
        {t('title')}
      </Title>
      {detail.periods.length === 0 ? (
        <Card>
          <Text c="dimmed" size="sm">
            {t('none')}
          </Text>
        </Card>
      ) : (
        <DataTable
          label={t('title')}
          rows={detail.periods}
          rowKey={(period) => `${period.start} ${period.end}`}
          dense={to.startsWith('/admin')}
          columns={[
            {
              key: 'period',
              title: t('period'),
              render: (period) => (
                <>
                  <When at={period.start} /> – <When at={lastDay(period.end)} />
                  {period.ended_early && <div className="np-aside">{t('endedEarly')}</div>}
                </>
              ),
            },
            {
              key: 'invoice',
              title: t('invoice'),
              render: (period) =>
                period.invoice_id ? (
                  <Anchor component={Link} href={`${to}/${period.invoice_id}`} fz="inherit">
                    {period.invoice_number ?? t('draft')}
                  </Anchor>
                ) : (
                  t('nothing')
                ),
            },
            { key: 'state', title: t('state'), render: (period) => (period.invoice_state ? <StatusBadge state={period.invoice_state} /> : '') },
          ]}
        />
      )}
    </section>
  )
}
