'use client'

import { Button, Group, Text, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { DataTable } from '@/components/data-table'
import { Money } from '@/components/money'
import { SideLink } from '../parts'
import { useMay } from '../queries'
import type { Deed } from '../reason-dialog'
import { StateBadge } from '../state-badge'
import { useWords } from '../words'
import { useOrderDeeds } from './deeds'
import type { Order, OrderLine } from './queries'

export function Lines({ order, onDeed }: { order: Order; onDeed: (deed: Deed) => void }) {
  const t = useTranslations('staff')
  return (
    <section aria-labelledby="lines">
      <Title order={2} fz={16} mb="xs" id="lines">
        {t('orders.lines')}
      </Title>
      <DataTable
        label={t('orders.lines')}
        rows={order.lines}
        rowKey={(line) => line.id}
        dense
        columns={[
          { key: 'what', title: t('columns.what'), render: (line) => <What line={line} /> },
          { key: 'state', title: t('columns.state'), render: (line) => <LineState line={line} /> },
          { key: 'net', title: t('columns.net'), number: true, render: (line) => <Money value={line.net} /> },
          { key: 'tax', title: t('columns.tax'), number: true, render: (line) => <Money value={line.tax} /> },
          { key: 'do', title: t('columns.do'), number: true, render: (line) => <LineDeeds order={order} line={line} onDeed={onDeed} /> },
        ]}
      />
    </section>
  )
}

function What({ line }: { line: OrderLine }) {
  const domain = line.result.domain_id
  return domain ? <SideLink href={`/admin/domains/${domain}`}>{line.description}</SideLink> : line.description
}

function LineState({ line }: { line: OrderLine }) {
  const cause = useWords('reason')
  return (
    <>
      <StateBadge state={line.state} />
      {line.reason && (
        <Text size="xs" c="dimmed">
          {cause(line.reason)}
        </Text>
      )}
    </>
  )
}

function LineDeeds({ order, line, onDeed }: { order: Order; line: OrderLine; onDeed: (deed: Deed) => void }) {
  const t = useTranslations('staff.orders')
  const deeds = useOrderDeeds(order)
  const manages = useMay('orders.manage')
  const refunds = useMay('refunds.create') && manages
  const cancellable = manages && order.state === 'paid' && !['delivered', 'cancelled'].includes(line.state)
  const refundable = refunds && line.state === 'delivered'
  return (
    <Group gap="xs" justify="flex-end" component="span">
      {cancellable && (
        <Button
          variant="default"
          size="compact-sm"
          onClick={() => onDeed(deeds.cancelLine(line))}
          aria-label={t('cancelNamed', { what: line.description })}
        >
          {t('cancelLine')}
        </Button>
      )}
      {refundable && (
        <Button
          variant="default"
          size="compact-sm"
          onClick={() => onDeed(deeds.refundLine(line))}
          aria-label={t('refundNamed', { what: line.description })}
        >
          {t('refundLine')}
        </Button>
      )}
    </Group>
  )
}
