'use client'

import { Badge, Button, Card, Group, Modal, PasswordInput, Stack, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { type FormEvent, useState } from 'react'
import { api, take } from '@/api/client'
import { closeSession } from '@/api/session'
import { DataTable } from '@/components/data-table'
import { focusFirstFault, sortFaults } from '@/components/form/faults'
import { PageHeader } from '@/components/page-header'
import { ProblemAlert } from '@/components/problem-alert'
import { When } from '@/components/when'

export function SecurityPage() {
  const t = useTranslations('account.security')
  return (
    <>
      <PageHeader title={t('title')} />
      <Stack gap="xl">
        <PasswordCard />
        <Sessions />
      </Stack>
    </>
  )
}

function PasswordCard() {
  const t = useTranslations('account.security')
  const [values, setValues] = useState({ old_password: '', new_password: '' })
  const change = useMutation({
    mutationFn: () => take(api.POST('/api/v1/auth/password/change', { body: values })),
    onSuccess: () => {
      setValues({ old_password: '', new_password: '' })
      notifications.show({ message: t('changed'), color: 'green' })
    },
    onError: focusFirstFault,
  })
  const faults = sortFaults(change.error, ['old_password', 'new_password'])
  const send = (event: FormEvent) => {
    event.preventDefault()
    change.mutate()
  }
  const bind = (name: 'old_password' | 'new_password') => ({
    label: t(name),
    value: values[name],
    error: faults.fields[name],
    visibilityToggleButtonProps: { 'aria-label': t('show') },
    required: true,
    onChange: (event: { currentTarget: HTMLInputElement }) => {
      const typed = event.currentTarget.value
      setValues((before) => ({ ...before, [name]: typed }))
    },
  })
  return (
    <Card maw={640} component="section">
      <Title order={2} fz={18} mb="md">
        {t('password')}
      </Title>
      <form onSubmit={send} noValidate>
        <Stack>
          {change.error && <ProblemAlert error={change.error} />}
          <PasswordInput {...bind('old_password')} autoComplete="current-password" />
          <PasswordInput {...bind('new_password')} autoComplete="new-password" />
          <Button type="submit" loading={change.isPending} style={{ alignSelf: 'flex-start' }}>
            {t('change')}
          </Button>
        </Stack>
      </form>
    </Card>
  )
}

function useSessions() {
  const queries = useQueryClient()
  const list = useQuery({ queryKey: ['sessions'], queryFn: async () => (await take(api.GET('/api/v1/auth/sessions'))).items })
  const end = useMutation({
    mutationFn: (id: string) => take(api.DELETE('/api/v1/auth/sessions/{session_id}', { params: { path: { session_id: id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['sessions'] }),
  })
  const endAll = useMutation({
    mutationFn: async () => {
      await take(api.POST('/api/v1/auth/logout-all'))
      // The cookies of this browser are of no more use: take them away too.
      await closeSession()
    },
    onSuccess: () => window.location.assign('/login'),
  })
  return { list, end, endAll }
}

function Sessions() {
  const t = useTranslations('account.security')
  const { list, end, endAll } = useSessions()
  const [asked, { open, close }] = useDisclosure()
  const error = list.error ?? end.error
  return (
    <section>
      <Group justify="space-between" mb="sm">
        <Title order={2} fz={18}>
          {t('sessions')}
        </Title>
        <Button variant="default" size="sm" onClick={open}>
          {t('everywhere')}
        </Button>
      </Group>
      {error && <ProblemAlert error={error} retry={() => list.refetch()} />}
      <DataTable
        label={t('sessions')}
        rows={list.data}
        rowKey={(session) => session.id}
        columns={[
          { key: 'since', title: t('since'), render: (session) => <When at={session.created_at} time /> },
          { key: 'used', title: t('used'), render: (session) => <When at={session.refreshed_at} time /> },
          {
            key: 'end',
            title: t('action'),
            number: true,
            render: (session) =>
              session.current ? (
                <Badge variant="light" tt="none" radius="sm">
                  {t('this')}
                </Badge>
              ) : (
                <Button size="xs" variant="default" onClick={() => end.mutate(session.id)}>
                  {t('end')}
                </Button>
              ),
          },
        ]}
      />
      <Modal opened={asked} onClose={close} title={t('everywhere')} closeButtonProps={{ 'aria-label': t('stay') }}>
        <Text>{t('everywhereText')}</Text>
        {endAll.error && <ProblemAlert error={endAll.error} />}
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={close}>
            {t('stay')}
          </Button>
          <Button onClick={() => endAll.mutate()} loading={endAll.isPending}>
            {t('everywhere')}
          </Button>
        </Group>
      </Modal>
    </section>
  )
}
