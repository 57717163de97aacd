'use client'

import { Card, Title } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { api, take } from '@/api/client'
import { FormFrame } from '@/components/form/form-frame'
import { SecretInput } from '@/components/form/secret-input'

const EMPTY = { old_password: '', new_password: '' }
const FIELDS = ['old_password', 'new_password'] as const

export function PasswordCard() {
  const t = useTranslations('account.security')
  const queries = useQueryClient()
  const [values, setValues] = useState(EMPTY)
  const change = useMutation({
    mutationFn: () => take(api.POST('/api/v1/auth/password/change', { body: values })),
    onSuccess: () => {
      setValues(EMPTY)
      notifications.show({ message: t('changed'), color: 'green' })
      // The other logins ended with the old password.
      return queries.invalidateQueries({ queryKey: ['sessions'] })
    },
  })
  const bind = (name: (typeof FIELDS)[number], faults: Record<string, string>) => ({
    label: t(name),
    value: values[name],
    error: faults[name],
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
      <FormFrame error={change.error} names={FIELDS} submit={t('change')} busy={change.isPending} onSend={() => change.mutate()}>
        {(faults) => (
          <>
            <SecretInput {...bind('old_password', faults)} autoComplete="current-password" />
            <SecretInput {...bind('new_password', faults)} autoComplete="new-password" description={t('changeHelp')} />
          </>
        )}
      </FormFrame>
    </Card>
  )
}
