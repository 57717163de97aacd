'use client'

import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { ProblemAlert } from '@/components/problem-alert'
import { type Server, type ServerState, useServerState } from './queries'

/** Says what the new state does before it is set. */
export function StateDialog({ server, wanted, onClose }: { server: Server; wanted: ServerState; onClose: () => void }) {
  const t = useTranslations('staff.servers')
  const back = useTranslations('staff.deed')
  const change = useServerState()
  return (
    <Modal opened onClose={onClose} title={`${t(`to_${wanted}`)}: ${server.name}`} centered closeButtonProps={{ 'aria-label': back('close') }}>
      <Stack gap="md">
        <Text size="sm">{t(`will_${wanted}`)}</Text>
        {change.error && <ProblemAlert error={change.error} />}
        <Group justify="flex-end">
          <Button variant="default" size="sm" onClick={onClose}>
            {back('back')}
          </Button>
          <Button size="sm" loading={change.isPending} onClick={() => change.mutate({ id: server.id, status: wanted }, { onSuccess: onClose })}>
            {t(`to_${wanted}`)}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
