'use client'

import { Badge, Button, Group, Modal, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { api, type Schemas, take } from '@/api/client'
import { closeSession } from '@/api/session'
import { forgetVisitor } from '@/api/session-end'
import { type Column, DataTable } from '@/components/data-table'
import { ProblemAlert } from '@/components/problem-alert'
import { When } from '@/components/when'

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
      await closeSession().catch(() => null)
    },
    onSuccess: () => {
      forgetVisitor()
      window.location.assign('/login')
    },
  })
  return { list, end, endAll }
}

type Session = Schemas['OpenSession']

export function Sessions() {
  const t = useTranslations('account.security')
  const { list, end, endAll } = useSessions()
  const [asked, { open, close }] = useDisclosure()
  const error = list.error ?? end.error
  const columns: Column<Session>[] = [
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
          <Button size="xs" variant="default" onClick={() => end.mutate(session.id)} loading={end.isPending && end.variables === session.id}>
            {t('end')}
          </Button>
        ),
    },
  ]
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
      {!list.error && <DataTable label={t('sessions')} rows={list.data} rowKey={(session) => session.id} columns={columns} />}
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
