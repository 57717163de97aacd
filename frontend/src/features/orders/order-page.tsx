'use client'

import { Alert, Anchor, Button, Card, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { CopyText } from '@/components/copy-text'
import { Facts } from '@/components/facts'
import Link from '@/components/link'
import { Money, useMoney } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { ProblemAlert } from '@/components/problem-alert'
import { StatusBadge } from '@/components/status-badge'
import { When } from '@/components/when'
import { CancelModal } from './cancel-modal'
import { ChooseName } from './choose-name'
import { courseOf } from './course'
import { CourseLine } from './course-line'
import { type Order, type OrderLine, useLastAttempt, useOrder, usePay } from './queries'

export function OrderPage({ id }: { id: string }) {
  const t = useTranslations('orders')
  const found = useOrder(id)
  const order = found.data
  if (!order)
    return (
      <>
        <PageHeader title={t('order')} back={{ href: '/orders', label: t('title') }} />
        {found.error ? <ProblemAlert error={found.error} retry={() => found.refetch()} /> : <Skeleton height={220} radius="lg" />}
      </>
    )
  return (
    <>
      <PageHeader
        title={order.number ?? t('order')}
        badge={<StatusBadge state={order.state} />}
        back={{ href: '/orders', label: t('title') }}
        text={t(`sentence.${order.state}`)}
      />
      <Stack>
        {found.error && <ProblemAlert error={found.error} title={t('stale')} retry={() => found.refetch()} />}
        <Card>
          <CourseLine steps={courseOf(order)} />
        </Card>
        {order.state === 'pending' && <Unpaid order={order} />}
        {order.lines.map((line) => (
          <Line key={line.id} order={order} line={line} />
        ))}
        <About order={order} />
      </Stack>
    </>
  )
}

/** Not paid yet: what became of the last attempt, and the way to pay. */
function Unpaid({ order }: { order: Order }) {
  const t = useTranslations('orders')
  const money = useMoney()
  const pay = usePay(order.id)
  const attempt = useLastAttempt(order).data
  const declined = Boolean(attempt?.failure)
  return (
    <Alert color={declined ? 'red' : 'blue'} title={declined ? t('declined') : t('unpaid')}>
      <Text size="sm">{declined ? `${attempt?.failure_message ?? t('declinedText')} ${t('nothingCharged')}` : t('unpaidText')}</Text>
      {pay.error && <ProblemAlert error={pay.error} />}
      {pay.isSuccess && !pay.data && (
        <Text size="sm" mt="xs">
          {t('stillOpening')}
        </Text>
      )}
      <Button mt="sm" onClick={() => pay.mutate()} loading={pay.isPending || Boolean(pay.data)}>
        {declined ? t('tryAnother', { total: money(order.total) }) : t('pay', { total: money(order.total) })}
      </Button>
    </Alert>
  )
}

function Line({ order, line }: { order: Order; line: OrderLine }) {
  const t = useTranslations('orders')
  const [cancelling, setCancelling] = useState(false)
  const cancellable = order.state === 'paid' && ['refused', 'parked', 'delayed'].includes(line.state)
  return (
    <Card component="section" aria-label={line.description}>
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <div>
          <Title order={2} fz={17} className="np-break">
            {line.description}
          </Title>
          {line.kind === 'hosting' && line.domain_name && (
            <Text c="dimmed" size="sm" className="np-break">
              {t(line.domain_choice === 'own' ? 'ownName' : 'newName', { name: line.domain_name })}
            </Text>
          )}
        </div>
        <Stack gap={4} align="flex-end">
          <Money value={line.net} />
          <StatusBadge state={line.state} />
        </Stack>
      </Group>
      {line.kind === 'domain' && line.state === 'refused' && order.state === 'paid' && <ChooseName order={order} line={line} />}
      <Group mt={cancellable || line.result.license_id ? 'md' : 0} gap="sm">
        {line.result.license_id && (
          <Button component={Link} href={`/licenses/${line.result.license_id}`} variant="default" size="sm">
            {t('toLicense')}
          </Button>
        )}
        {cancellable && (
          <Button variant="subtle" color="red" size="sm" onClick={() => setCancelling(true)}>
            {t('cancelLine')}
          </Button>
        )}
      </Group>
      <CancelModal opened={cancelling} onClose={() => setCancelling(false)} order={order} line={line} />
    </Card>
  )
}

function About({ order }: { order: Order }) {
  const t = useTranslations('orders')
  const [cancelling, setCancelling] = useState(false)
  const open = order.state === 'pending' || order.state === 'paid'
  return (
    <Card component="section" aria-label={t('facts')}>
      <Facts
        of={[
          [t('placed'), <When key="p" at={order.placed_at} time />],
          [t('paidAt'), order.paid_at ? <When key="d" at={order.paid_at} time /> : null],
          [t('net'), <Money key="n" value={order.net} />],
          [t('tax'), <Money key="t" value={order.tax} />],
          [
            t('total'),
            <strong key="s">
              <Money value={order.total} />
            </strong>,
          ],
          [t('id'), <CopyText key="i" value={order.id} what={t('id')} />],
          [t('cancelReason'), order.cancel_reason],
        ]}
      />
      <Group mt="md">
        {order.paid_at && (
          <Anchor component={Link} href="/invoices" size="sm">
            {t('toInvoices')}
          </Anchor>
        )}
        {open && (
          <Button variant="subtle" color="red" size="sm" onClick={() => setCancelling(true)}>
            {t('cancelOrder')}
          </Button>
        )}
      </Group>
      <CancelModal opened={cancelling} onClose={() => setCancelling(false)} order={order} />
    </Card>
  )
}
