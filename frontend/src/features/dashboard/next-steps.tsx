'use client'

import { Alert, Button, Group, Text } from '@mantine/core'
import { useTranslations } from 'next-intl'
import Link from '@/components/link'
import { useMe } from '@/features/identity'
import { type Order, useOpenOrders, waitsForAddress } from '@/features/orders'

/** What waits for the customer, before anything else. */
export function NextSteps() {
  const t = useTranslations('account.dashboard')
  const verified = useMe().data?.email_verified ?? true
  // What waits for the address to be confirmed is said above every page, with the button for it.
  const orders = (useOpenOrders().data ?? []).filter((order) => !waitsForAddress(order, verified))
  const what = (order: Order) => {
    if (order.state === 'pending') return 'pay'
    return order.lines.some((line) => line.state === 'refused') ? 'choose' : 'delivering'
  }
  return orders.map((order) => {
    const next = what(order)
    return (
      <Alert
        key={order.id}
        role="status"
        color={next === 'delivering' ? 'blue' : 'orange'}
        title={t(`next.${next}.title`, { number: order.number ?? '' })}
      >
        <Group justify="space-between">
          <Text size="sm">{order.lines.map((line) => line.description).join(', ')}</Text>
          <Button component={Link} href={`/orders/${order.id}`} size="xs" variant="default">
            {t(`next.${next}.action`)}
          </Button>
        </Group>
      </Alert>
    )
  })
}
