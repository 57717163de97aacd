'use client'

import { Button, Group, Modal, NativeSelect, Stack, Textarea, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { type FormEvent, useState } from 'react'
import { api, type Schemas, take } from '@/api/client'
import { focusFirstFault, sortFaults } from '@/components/form/faults'
import { FormProblem } from '@/components/problem-alert'

const ROLES = ['support', 'billing', 'admin'] as const
const FIELDS = ['email', 'role', 'reason'] as const

export function InviteDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const t = useTranslations('staff')
  return (
    <Modal opened={opened} onClose={onClose} title={t('users.invite')} centered closeButtonProps={{ 'aria-label': t('deed.close') }}>
      <InviteForm onClose={onClose} />
    </Modal>
  )
}

function InviteForm({ onClose }: { onClose: () => void }) {
  const t = useTranslations('staff')
  const [body, setBody] = useState<Schemas['InviteBody']>({ email: '', role: 'support', reason: '' })
  const queries = useQueryClient()
  const invite = useMutation({
    mutationFn: () => take(api.POST('/api/v1/admin/users', { body })),
    onError: focusFirstFault,
    onSuccess: () => {
      notifications.show({ message: t('users.invited', { email: body.email }), color: 'green' })
      void queries.invalidateQueries({ queryKey: ['staff', 'users'] })
      onClose()
    },
  })
  const faults = sortFaults(invite.error, FIELDS)
  const send = (event: FormEvent) => {
    event.preventDefault()
    if (!invite.isPending) invite.mutate()
  }
  return (
    <form onSubmit={send} noValidate>
      <Stack>
        <TextInput
          size="sm"
          type="email"
          data-autofocus
          required
          label={t('columns.email')}
          description={t('users.inviteHint')}
          value={body.email}
          error={faults.fields.email}
          onChange={(event) => setBody({ ...body, email: event.currentTarget.value })}
        />
        <NativeSelect
          size="sm"
          label={t('columns.role')}
          value={body.role}
          error={faults.fields.role}
          onChange={(event) => setBody({ ...body, role: event.currentTarget.value as Schemas['InviteBody']['role'] })}
          data={ROLES.map((value) => ({ value, label: t(`users.${value}`) }))}
        />
        <Textarea
          required
          label={t('deed.reason')}
          description={t('deed.reasonHint')}
          value={body.reason}
          error={faults.fields.reason}
          maxLength={500}
          onChange={(event) => setBody({ ...body, reason: event.currentTarget.value })}
        />
        <FormProblem error={invite.error} faults={faults} />
        <Group justify="flex-end">
          <Button variant="default" size="sm" onClick={onClose}>
            {t('deed.back')}
          </Button>
          <Button type="submit" size="sm" loading={invite.isPending}>
            {t('users.submit')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
