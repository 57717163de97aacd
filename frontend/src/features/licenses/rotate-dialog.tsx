'use client'

import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { CopyText } from '@/components/copy-text'
import { Facts } from '@/components/facts'
import { ProblemAlert } from '@/components/problem-alert'
import { useRotate } from './queries'

/** Says what a new key does before it is made, and shows it after. */
export function RotateDialog({ id, onMade, onClose }: { id: string; onMade: (key: string) => void; onClose: () => void }) {
  const t = useTranslations('licenses.key')
  const [key, setKey] = useState<string | null>(null)
  const rotate = useRotate(id, (made) => {
    setKey(made)
    onMade(made)
  })
  return (
    // A new key must not vanish by a click beside it, before the panel has it.
    <Modal
      opened
      onClose={onClose}
      title={t('rotateTitle')}
      centered
      closeOnClickOutside={!key && !rotate.isPending}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      {key ? (
        <Stack>
          <Alert color="green" title={t('made')} role="status">
            {t('madeText')}
          </Alert>
          <Facts of={[[t('newKey'), <CopyText key="k" value={key} what={t('newKey')} />]]} />
          <Group justify="flex-end">
            <Button size="sm" onClick={onClose} data-autofocus>
              {t('done')}
            </Button>
          </Group>
        </Stack>
      ) : (
        <Stack>
          <Text size="sm">{t('rotateText')}</Text>
          <Text size="sm">{t('rotateStays')}</Text>
          <Text size="sm">{t('rotateWhen')}</Text>
          {rotate.error && <ProblemAlert error={rotate.error} />}
          <Group justify="flex-end">
            <Button variant="default" size="sm" onClick={onClose}>
              {t('back')}
            </Button>
            <Button size="sm" color="red.8" loading={rotate.isPending} onClick={() => rotate.send()}>
              {t('rotate')}
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  )
}
