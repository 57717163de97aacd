'use client'

import { Alert, Button, Group, Modal, NumberInput, Stack, Textarea, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { type FormEvent, useState } from 'react'
import { Problem } from '@/api/client'
import { focusFirstFault, sortFaults } from '@/components/form/faults'
import { SecretInput } from '@/components/form/secret-input'
import { FormProblem } from '@/components/problem-alert'
import { type Server, useAddServer } from './queries'

const FIELDS = ['name', 'base_url', 'api_key', 'api_secret', 'capacity', 'nameservers'] as const
const EMPTY = { name: '', base_url: '', api_key: '', api_secret: '', nameservers: '' }
const ROOM = 200

export function AddServer({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const t = useTranslations('staff')
  const [added, setAdded] = useState<Server | null>(null)
  const close = () => {
    setAdded(null)
    onClose()
  }
  return (
    <Modal opened={opened} onClose={close} title={t('servers.add')} size="lg" closeButtonProps={{ 'aria-label': t('deed.close') }}>
      {added ? <Added server={added} onClose={close} /> : <ServerForm onAdded={setAdded} onClose={close} />}
    </Modal>
  )
}

/** It is added even where it does not answer yet: what the test found is said. */
function Added({ server, onClose }: { server: Server; onClose: () => void }) {
  const t = useTranslations('staff')
  return (
    <Stack>
      <Alert color={server.problem ? 'orange' : 'green'} title={t('servers.added', { name: server.name })} role="status">
        {server.problem ? t('servers.testFailed', { problem: server.problem }) : t('servers.testFine')}
      </Alert>
      <Group justify="flex-end">
        <Button size="sm" onClick={onClose} data-autofocus>
          {t('deed.close')}
        </Button>
      </Group>
    </Stack>
  )
}

function ServerForm({ onAdded, onClose }: { onAdded: (server: Server) => void; onClose: () => void }) {
  const t = useTranslations('staff')
  const [values, setValues] = useState(EMPTY)
  const [capacity, setCapacity] = useState<number | string>(ROOM)
  const add = useAddServer()
  const faults = sortFaults(withoutPlaces(add.error), FIELDS)
  const send = (event: FormEvent) => {
    event.preventDefault()
    if (add.isPending) return
    const nameservers = values.nameservers.split(/[\s,]+/).filter(Boolean)
    add.mutate({ ...values, nameservers, capacity: Number(capacity) }, { onSuccess: onAdded, onError: focusFirstFault })
  }
  const bind = (name: keyof typeof EMPTY) => ({
    label: t(`servers.${name}`),
    description: t(`servers.${name}_hint`),
    value: values[name],
    error: faults.fields[name],
    required: true,
    onChange: (event: { currentTarget: HTMLInputElement | HTMLTextAreaElement }) => {
      const typed = event.currentTarget.value
      setValues((before) => ({ ...before, [name]: typed }))
    },
  })
  return (
    <form onSubmit={send} noValidate autoComplete="off">
      <Stack>
        <TextInput {...bind('name')} size="sm" data-autofocus />
        <TextInput {...bind('base_url')} size="sm" type="url" placeholder="https://panel.example.com" />
        <SecretInput {...bind('api_key')} size="sm" autoComplete="off" />
        <SecretInput {...bind('api_secret')} size="sm" autoComplete="off" />
        <NumberInput
          size="sm"
          label={t('servers.capacity')}
          description={t('servers.capacity_hint')}
          value={capacity}
          onChange={setCapacity}
          error={faults.fields.capacity}
          min={1}
          allowDecimal={false}
          hideControls
          required
        />
        <Textarea {...bind('nameservers')} size="sm" autosize minRows={2} placeholder={'ns1.example.com\nns2.example.com'} />
        <FormProblem error={add.error} faults={faults} />
        <Group justify="flex-end">
          <Button variant="default" size="sm" onClick={onClose}>
            {t('deed.back')}
          </Button>
          <Button type="submit" size="sm" loading={add.isPending}>
            {t('servers.submit')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** `nameservers.0` is told at the field where all of them are typed. */
function withoutPlaces(error: unknown): unknown {
  if (!(error instanceof Problem)) return error
  const fields = error.fields.map((fault) => ({ ...fault, field: fault.field.replace(/\.\d+$/, '') }))
  return new Problem(error.status, error.code, error.detail, fields, error.correlation)
}
