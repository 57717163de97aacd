'use client'

import { Alert, Button, Checkbox, Group, Modal, NativeSelect, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { type FormEvent, useState } from 'react'
import { api, type Schemas, take } from '@/api/client'
import { CopyText } from '@/components/copy-text'
import { Facts } from '@/components/facts'
import { focusFirstFault, sortFaults } from '@/components/form/faults'
import { FormProblem } from '@/components/problem-alert'
import { useServers } from '../fleet/queries'

type Made = Schemas['NewPanelKeyBody']
const PERMISSIONS = ['validate', 'usage', 'reservations', 'leases'] as const
const FIELDS = ['name', 'permissions', 'server_id', 'addresses'] as const

export function NewKey({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const t = useTranslations('staff')
  const [made, setMade] = useState<Made | null>(null)
  const close = () => {
    setMade(null)
    onClose()
  }
  return (
    // A secret that is shown once must not vanish by a click beside it.
    <Modal
      opened={opened}
      onClose={close}
      title={t('panelKeys.make')}
      closeOnClickOutside={!made}
      closeButtonProps={{ 'aria-label': t('deed.close') }}
    >
      {made ? <Secret made={made} onClose={close} /> : <KeyForm onMade={setMade} onClose={close} />}
    </Modal>
  )
}

function Secret({ made, onClose }: { made: Made; onClose: () => void }) {
  const t = useTranslations('staff')
  return (
    <Stack>
      <Alert color="orange" title={t('panelKeys.once')}>
        {t('panelKeys.onceText')}
      </Alert>
      <Facts
        of={[
          [t('columns.key'), <CopyText key="k" value={made.key_id} what={t('columns.key')} />],
          [t('panelKeys.secret'), <CopyText key="s" value={made.secret} what={t('panelKeys.secret')} />],
        ]}
      />
      <Group justify="flex-end">
        <Button size="sm" onClick={onClose}>
          {t('panelKeys.kept')}
        </Button>
      </Group>
    </Stack>
  )
}

function KeyForm({ onMade, onClose }: { onMade: (made: Made) => void; onClose: () => void }) {
  const t = useTranslations('staff')
  const servers = useServers().data ?? []
  const [name, setName] = useState('')
  const [server, setServer] = useState('')
  const [addresses, setAddresses] = useState('')
  const [permissions, setPermissions] = useState<string[]>(['validate', 'usage'])
  const queries = useQueryClient()
  const make = useMutation({
    mutationFn: () => {
      const body = { name, permissions, server_id: server || null, addresses: addresses.split(/[\s,]+/).filter(Boolean) }
      return take(api.POST('/api/v1/admin/panel-keys', { body }))
    },
    onError: focusFirstFault,
    onSuccess: (made) => {
      void queries.invalidateQueries({ queryKey: ['staff', 'panel-keys'] })
      onMade(made)
    },
  })
  const faults = sortFaults(make.error, FIELDS)
  const send = (event: FormEvent) => {
    event.preventDefault()
    if (!make.isPending) make.mutate()
  }
  return (
    <form onSubmit={send} noValidate>
      <Stack>
        <TextInput
          size="sm"
          data-autofocus
          required
          label={t('columns.name')}
          description={t('panelKeys.nameHint')}
          value={name}
          error={faults.fields.name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Checkbox.Group label={t('columns.permissions')} value={permissions} onChange={setPermissions} error={faults.fields.permissions}>
          <Group mt="xs">
            {PERMISSIONS.map((value) => (
              <Checkbox key={value} value={value} label={t(`panelKeys.may_${value}`)} />
            ))}
          </Group>
        </Checkbox.Group>
        <NativeSelect
          size="sm"
          label={t('columns.server')}
          value={server}
          error={faults.fields.server_id}
          onChange={(event) => setServer(event.currentTarget.value)}
          data={[{ value: '', label: t('panelKeys.anyServer') }, ...servers.map(({ id, name: label }) => ({ value: id, label }))]}
        />
        <TextInput
          size="sm"
          label={t('columns.addresses')}
          description={t('panelKeys.addressesHint')}
          value={addresses}
          error={faults.fields.addresses}
          onChange={(event) => setAddresses(event.currentTarget.value)}
        />
        <FormProblem error={make.error} faults={faults} />
        <Group justify="flex-end">
          <Button variant="default" size="sm" onClick={onClose}>
            {t('deed.back')}
          </Button>
          <Button type="submit" size="sm" loading={make.isPending}>
            {t('panelKeys.make')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
