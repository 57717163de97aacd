'use client'

import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { ProblemAlert } from '@/components/problem-alert'
import { type Order, type OrderLine, useCancel } from './queries'

interface CancelModalProps {
  opened: boolean
  onClose: () => void
  order: Order
  line?: OrderLine
}

export function CancelModal({ opened, onClose, order, line }: CancelModalProps) {
  const t = useTranslations('orders.cancel')
  const [reason, setReason] = useState('')
  const cancel = useCancel(order.id, line?.id)
  const what = line?.description ?? order.number ?? ''
  return (
    <Modal opened={opened} onClose={onClose} title={t('title', { what })} closeButtonProps={{ 'aria-label': t('keep') }}>
      <Stack>
        <Text>{order.state === 'pending' ? t('unpaid') : t('paid')}</Text>
        <TextInput label={t('reason')} value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={200} />
        {cancel.error && <ProblemAlert error={cancel.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('keep')}
          </Button>
          <Button color="red.8" loading={cancel.isPending} onClick={() => cancel.mutate(reason, { onSuccess: onClose })}>
            {t('submit')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
