'use client'

import { Anchor, Button, Card, Group } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { CopyText } from '@/components/copy-text'
import { Facts } from '@/components/facts'
import Link from '@/components/link'
import { Money } from '@/components/money'
import { When } from '@/components/when'
import { FileButton } from '@/features/billing/file-button'
import { CancelModal } from './cancel-modal'
import { isFinal, type Order } from './queries'

export function AboutOrder({ order }: { order: Order }) {
  const t = useTranslations('orders')
  const [cancelling, setCancelling] = useState(false)
  return (
    <Card component="section" aria-label={t('facts')}>
      <Facts
        of={[
          [t('placed'), <When key="p" at={order.placed_at} time />],
          [t('paidAt'), order.paid_at ? <When key="d" at={order.paid_at} time /> : null],
          [t('coupon'), order.coupon],
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
        {order.proforma_id && (
          <FileButton path={`/api/v1/invoices/proformas/${order.proforma_id}/pdf`} label={t('proforma')} what={order.number ?? t('order')} />
        )}
        {order.paid_at && order.total.amount > 0 && (
          <Anchor component={Link} href="/invoices" size="sm">
            {t('toInvoices')}
          </Anchor>
        )}
        {!isFinal(order) && (
          <Button variant="subtle" color="red" size="sm" onClick={() => setCancelling(true)}>
            {t('cancelOrder')}
          </Button>
        )}
      </Group>
      <CancelModal opened={cancelling} onClose={() => setCancelling(false)} order={order} />
    </Card>
  )
}
