'use client'

import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { type FormEvent, type ReactNode, useState } from 'react'
import { focusFirstFault, sortFaults } from '@/components/form/faults'
import { FormProblem } from '@/components/problem-alert'

/** Something that staff does and gives a reason for. */
export interface Deed {
  title: string
  /** What will happen. */
  text: ReactNode
  submit: string
  done: string
  danger?: boolean
  /** `key` is the same for every press in one dialog: a double click does it once. */
  run: (reason: string, key: string) => Promise<unknown>
}

interface ReasonDialogProps {
  deed: Deed
  onClose: () => void
}

const LONGEST = 500

export function ReasonDialog({ deed, onClose }: ReasonDialogProps) {
  const t = useTranslations('staff.deed')
  return (
    <Modal opened onClose={onClose} title={deed.title} centered closeButtonProps={{ 'aria-label': t('close') }}>
      <ReasonForm deed={deed} onClose={onClose} />
    </Modal>
  )
}

function ReasonForm({ deed, onClose }: { deed: Deed; onClose: () => void }) {
  const t = useTranslations('staff.deed')
  const [reason, setReason] = useState('')
  const [key] = useState(() => crypto.randomUUID())
  const queries = useQueryClient()
  const sent = useMutation({
    mutationFn: () => deed.run(reason.trim(), key),
    onError: focusFirstFault,
    onSuccess: () => {
      notifications.show({ message: deed.done, color: 'green' })
      void queries.invalidateQueries({ queryKey: ['staff'] })
      onClose()
    },
  })
  const faults = sortFaults(sent.error, ['reason'])
  const send = (event: FormEvent) => {
    event.preventDefault()
    if (!sent.isPending) sent.mutate()
  }
  return (
    <form onSubmit={send} noValidate>
      <Stack gap="md">
        <Text size="sm" component="div">
          {deed.text}
        </Text>
        <Textarea
          data-autofocus
          label={t('reason')}
          description={t('reasonHint')}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          error={faults.fields.reason}
          maxLength={LONGEST}
          autosize
          minRows={2}
          required
        />
        <FormProblem error={sent.error} faults={faults} />
        <Group justify="flex-end">
          <Button variant="default" size="sm" onClick={onClose}>
            {t('back')}
          </Button>
          <Button type="submit" size="sm" color={deed.danger ? 'red.8' : undefined} loading={sent.isPending}>
            {deed.submit}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
