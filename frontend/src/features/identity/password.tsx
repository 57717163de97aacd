'use client'

import { Anchor, Button, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useSearchParams } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { api, take } from '@/api/client'
import { FormFrame } from '@/components/form/form-frame'
import { FormHead } from '@/components/form/form-head'
import { SecretInput } from '@/components/form/secret-input'
import Link from '@/components/link'
import { useValues } from './use-values'

export function ForgotPage() {
  const t = useTranslations('auth')
  const { values, bind } = useValues({ email: '' })
  const forgot = useMutation({ mutationFn: () => take(api.POST('/api/v1/auth/password/forgot', { body: values })) })
  if (forgot.isSuccess) return <FormHead title={t('forgot.sent')} text={t('forgot.sentText', values)} />
  return (
    <>
      <FormHead title={t('forgot.title')} text={t('forgot.text')} />
      <FormFrame error={forgot.error} names={['email']} submit={t('forgot.submit')} busy={forgot.isPending} onSend={() => forgot.mutate()} wide>
        {(faults) => <TextInput {...bind('email', faults)} label={t('email')} type="email" autoComplete="username" />}
      </FormFrame>
      <Anchor component={Link} href="/login" size="sm" display="inline-block" mt="md">
        {t('backToLogin')}
      </Anchor>
    </>
  )
}

export function ResetPage() {
  const t = useTranslations('auth')
  const token = useSearchParams().get('token') ?? ''
  const { values, bind } = useValues({ password: '' })
  const reset = useMutation({ mutationFn: () => take(api.POST('/api/v1/auth/password/reset', { body: { token, ...values } })) })
  if (reset.isSuccess)
    return (
      <>
        <FormHead title={t('reset.done')} text={t('reset.doneText')} />
        <Button component={Link} href="/login">
          {t('login.submit')}
        </Button>
      </>
    )
  const another = (
    <Anchor component={Link} href="/forgot-password" size="sm">
      {t('reset.another')}
    </Anchor>
  )
  return (
    <>
      <FormHead title={t('reset.title')} text={t('reset.text')} />
      <FormFrame
        error={reset.error}
        names={['password']}
        submit={t('reset.submit')}
        busy={reset.isPending}
        onSend={() => reset.mutate()}
        alertNote={another}
        wide
      >
        {(faults) => (
          <SecretInput {...bind('password', faults)} label={t('newPassword')} description={t('passwordHint')} autoComplete="new-password" />
        )}
      </FormFrame>
    </>
  )
}
