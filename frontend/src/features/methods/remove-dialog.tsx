'use client'

import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useTranslations } from 'next-intl'
import { useOnce } from '@/api/once'
import { ProblemAlert } from '@/components/problem-alert'
import { brandOf } from './card-name'
import { type Method, removeMethod, useRefreshMethods } from './queries'

/** Says what the last card's going means, before it goes. */
export function RemoveDialog({ card, last, onClose }: { card: Method; last: boolean; onClose: () => void }) {
  const t = useTranslations('subscriptions.methods')
  const refresh = useRefreshMethods()
  const named = t('name', { brand: brandOf(card), last4: card.last4 })
  const sent = useOnce<unknown>({
    mutationFn: () => removeMethod(card.id, last),
    onSuccess: async () => {
      await refresh()
      notifications.show({ message: t('removed', { card: named }), color: 'green' })
      onClose()
    },
  })
  return (
    <Modal opened onClose={onClose} title={t('removeTitle', { card: named })} centered closeButtonProps={{ 'aria-label': t('close') }}>
      <Stack>
        {last ? (
          <Alert color="orange" title={t('lastTitle')}>
            {t('lastText')}
          </Alert>
        ) : (
          <Text size="sm">{t(card.is_default ? 'removeDefaultText' : 'removeText')}</Text>
        )}
        {sent.error && <ProblemAlert error={sent.error} />}
        <Group justify="flex-end">
          <Button variant="default" size="sm" onClick={onClose}>
            {t('keep')}
          </Button>
          <Button size="sm" color="red.8" loading={sent.isPending} onClick={() => sent.send()}>
            {t(last ? 'removeLast' : 'remove')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
