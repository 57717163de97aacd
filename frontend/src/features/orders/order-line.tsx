'use client'

import { Button, Card, Group, Stack, Text, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import Link from '@/components/link'
import { Money } from '@/components/money'
import { StatusBadge } from '@/components/status-badge'
import { CancelModal } from './cancel-modal'
import { ChooseName } from './choose-name'
import type { Order, OrderLine } from './queries'

const CANCELLABLE = ['refused', 'parked', 'delayed']

/** What the line is made of, and what came off. */
function Parts({ line }: { line: OrderLine }) {
  const t = useTranslations('orders')
  const texts =
    line.parts.length > 1 ? line.parts.map((part) => (part.quantity > 1 ? `${part.description} × ${part.quantity}` : part.description)) : []
  const notes = [...new Set(line.parts.map((part) => part.discount_note).filter(Boolean))]
  if (texts.length === 0 && line.discount.amount === 0) return null
  return (
    <Text size="sm" c="dimmed" mt="xs">
      {texts.join(', ')}
      {line.discount.amount > 0 && (
        <>
          {texts.length > 0 && <br />}
          {notes.join('; ') || t('discount')}: −<Money value={line.discount} />
        </>
      )}
    </Text>
  )
}

export function OrderLineCard({ order, line }: { order: Order; line: OrderLine }) {
  const t = useTranslations('orders')
  const [cancelling, setCancelling] = useState(false)
  const cancellable = order.state === 'paid' && CANCELLABLE.includes(line.state)
  return (
    <Card component="section" aria-label={line.description}>
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <div>
          <Title order={2} fz={17} className="np-break">
            {line.description}
          </Title>
          {line.domain_choice === 'own' && line.domain_name && (
            <Text c="dimmed" size="sm" className="np-break">
              {t('ownName', { name: line.domain_name })}
            </Text>
          )}
        </div>
        <Stack gap={4} align="flex-end">
          <Money value={line.net} />
          <StatusBadge state={line.state} />
        </Stack>
      </Group>
      <Parts line={line} />
      {line.kind === 'domain' && line.state === 'refused' && order.state === 'paid' && <ChooseName order={order} line={line} />}
      {(cancellable || line.result.license_id) && (
        <Group mt="md" gap="sm">
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
      )}
      <CancelModal opened={cancelling} onClose={() => setCancelling(false)} order={order} line={line} />
    </Card>
  )
}
