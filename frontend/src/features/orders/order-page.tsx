'use client'

import { Card, Skeleton, Stack } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { PageHeader } from '@/components/page-header'
import { ProblemAlert } from '@/components/problem-alert'
import { StatusBadge } from '@/components/status-badge'
import { useMe } from '@/features/identity'
import { ConfirmAddress } from '@/features/identity/forms'
import { AboutOrder } from './about-order'
import { courseOf, paymentState, waitsForAddress } from './course'
import { CourseLine } from './course-line'
import { OrderLineCard } from './order-line'
import { type Order, useLastAttempt, useOrder } from './queries'
import { Unpaid } from './unpaid'

export function OrderPage({ id }: { id: string }) {
  const t = useTranslations('orders')
  const me = useMe()
  const verified = me.data?.email_verified ?? true
  const found = useOrder(id, verified)
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
        text={t(`sentence.${sentenceOf(order, verified)}`)}
      />
      <Stack>
        {found.error && <ProblemAlert error={found.error} title={t('stale')} retry={() => found.refetch()} />}
        <Course order={order} verified={verified} email={me.data?.email ?? ''} />
        {order.lines.map((line) => (
          <OrderLineCard key={line.id} order={order} line={line} />
        ))}
        <AboutOrder order={order} />
      </Stack>
    </>
  )
}

function sentenceOf(order: Order, verified: boolean) {
  const free = order.total.amount === 0
  if (order.state === 'cancelled') return order.paid_at && !free ? 'cancelledPaid' : 'cancelled'
  if (order.state !== 'paid') return order.state === 'completed' ? 'completed' : 'pending'
  if (order.lines.some((line) => line.state === 'refused')) return 'choose'
  if (waitsForAddress(order, verified)) return free ? 'unconfirmedFree' : 'unconfirmed'
  return free ? 'free' : 'paid'
}

/** The steps, and below them what only the customer can do to move them on. */
function Course({ order, verified, email }: { order: Order; verified: boolean; email: string }) {
  const t = useTranslations('orders')
  const attempt = useLastAttempt(order).data
  return (
    <>
      <Card>
        <CourseLine steps={courseOf(order, { verified, payment: paymentState(attempt) })} free={order.total.amount === 0} />
      </Card>
      {waitsForAddress(order, verified) && <ConfirmAddress text={t(order.total.amount === 0 ? 'confirmFree' : 'confirm', { email })} />}
      {order.state === 'pending' && <Unpaid order={order} attempt={attempt ?? null} />}
    </>
  )
}
