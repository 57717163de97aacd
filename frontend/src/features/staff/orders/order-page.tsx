'use client'

import { Button, Card, Skeleton, Stack } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { CopyText } from '@/components/copy-text'
import { Facts } from '@/components/facts'
import { Money } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { Trouble } from '@/components/trouble'
import { When } from '@/components/when'
import { useCustomer } from '../customers/queries'
import { ReasonDialog } from '../dialogs'
import { SideLink, toCustomer } from '../parts'
import { useMay } from '../queries'
import type { Deed } from '../reason-dialog'
import { StateBadge } from '../state-badge'
import { useOrderDeeds } from './deeds'
import { Lines } from './lines'
import { NextUp } from './next-up'
import classes from './orders.module.css'
import { type Order, useStaffOrder, useTimeline } from './queries'
import { Timeline } from './timeline'

export function StaffOrderPage({ id }: { id: string }) {
  const t = useTranslations('staff')
  const [deed, setDeed] = useState<Deed | null>(null)
  const timeline = useTimeline(id)
  const order = useStaffOrder(id, timeline.data)
  const back = { href: '/admin/orders', label: t('titles.orders') }
  const state = timeline.data?.state
  return (
    <>
      <PageHeader
        title={timeline.data?.number ?? t('columns.order')}
        badge={state && <StateBadge state={state} />}
        back={back}
        action={order.data && <CancelOrder order={order.data} onDeed={setDeed} />}
      />
      {timeline.error && <Trouble error={timeline.error} retry={() => timeline.refetch()} />}
      {!timeline.data && !timeline.error && <Skeleton height={320} radius="lg" />}
      {timeline.data && (
        <div className={classes.columns}>
          <Stack gap="md">
            <NextUp timeline={timeline.data} onDeed={setDeed} />
            {order.data && <Lines order={order.data} onDeed={setDeed} />}
            {order.error ? <Trouble error={order.error} retry={() => order.refetch()} /> : null}
            <Timeline timeline={timeline.data} />
          </Stack>
          <div className={classes.side}>{order.data && <About order={order.data} />}</div>
        </div>
      )}
      {deed && <ReasonDialog deed={deed} onClose={() => setDeed(null)} />}
    </>
  )
}

function CancelOrder({ order, onDeed }: { order: Order; onDeed: (deed: Deed) => void }) {
  const t = useTranslations('staff.orders')
  const may = useMay('orders.manage')
  const deeds = useOrderDeeds(order)
  if (!may || (order.state !== 'pending' && order.state !== 'paid')) return null
  return (
    <Button variant="default" size="sm" onClick={() => onDeed(deeds.cancel())}>
      {t('cancel')}
    </Button>
  )
}

function About({ order }: { order: Order }) {
  const t = useTranslations('staff')
  const customer = useCustomer(order.customer_id)
  return (
    <Card component="section" aria-label={t('orders.facts')}>
      <Facts
        of={[
          [
            t('columns.customer'),
            <SideLink key="c" href={toCustomer(order.customer_id)}>
              {customer.data?.name ?? t('orders.openCustomer')}
            </SideLink>,
          ],
          [t('columns.email'), customer.data?.email],
          [t('columns.placed'), <When key="p" at={order.placed_at} time />],
          [t('columns.paidAt'), order.paid_at && <When key="d" at={order.paid_at} time />],
          [t('columns.completed'), order.completed_at && <When key="f" at={order.completed_at} time />],
          [t('columns.cancelled'), order.cancelled_at && <When key="x" at={order.cancelled_at} time />],
          [t('columns.reason'), order.cancel_reason],
          [
            t('titles.proforma'),
            order.proforma_id && (
              <SideLink key="f" href={`/admin/invoices/proformas/${order.proforma_id}`}>
                {t('orders.openProforma')}
              </SideLink>
            ),
          ],
          [t('columns.net'), <Money key="n" value={order.net} />],
          [t('columns.tax'), <Money key="t" value={order.tax} />],
          [
            t('columns.total'),
            <strong key="s">
              <Money value={order.total} />
            </strong>,
          ],
          [t('columns.id'), <CopyText key="i" value={order.id} shown={`…${order.id.slice(-12)}`} what={t('columns.id')} />],
        ]}
      />
    </Card>
  )
}
