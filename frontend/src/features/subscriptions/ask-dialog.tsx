'use client'

import { Button, Group, Modal, Stack } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { useOnce } from '@/api/once'
import { ProblemAlert } from '@/components/problem-alert'

interface AskDialogProps {
  title: string
  /** What will happen, and what may be said about it. */
  children: ReactNode
  submit: string
  done: string
  danger?: boolean
  run: () => Promise<unknown>
  onDone: () => unknown
  onClose: () => void
}

/** A question before something is done; what it does is on its button. */
export function AskDialog({ title, children, submit, done, danger, run, onDone, onClose }: AskDialogProps) {
  const t = useTranslations('subscriptions.dialog')
  const sent = useOnce<unknown>({
    mutationFn: run,
    onSuccess: async () => {
      await onDone()
      notifications.show({ message: done, color: 'green' })
      onClose()
    },
  })
  return (
    <Modal opened onClose={onClose} title={title} centered closeButtonProps={{ 'aria-label': t('close') }}>
      <Stack>
        {children}
        {sent.error && <ProblemAlert error={sent.error} />}
        <Group justify="flex-end">
          <Button variant="default" size="sm" onClick={onClose}>
            {t('back')}
          </Button>
          <Button size="sm" color={danger ? 'red.8' : undefined} loading={sent.isPending} onClick={() => sent.send()}>
            {submit}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
