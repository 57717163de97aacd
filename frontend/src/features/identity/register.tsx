'use client'

import { Alert, Anchor, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useRouter, useSearchParams } from 'next/navigation'
import { useLocale, useTranslations } from 'next-intl'
import { api, Problem, take } from '@/api/client'
import { FormFrame } from '@/components/form/form-frame'
import { FormHead } from '@/components/form/form-head'
import { SecretInput } from '@/components/form/secret-input'
import Link from '@/components/link'
import { safeNext } from '@/lib/address'
import { useLogin } from './session'
import { useValues } from './use-values'

const FIELDS = ['name', 'email', 'password'] as const

class KnownAddress extends Error {}

/** Registers and logs in. Where the address is known already nothing tells so but the mail, and the login is refused. */
export function RegisterForm({ onDone }: { onDone: () => void }) {
  const t = useTranslations('auth')
  const locale = useLocale()
  const { values, bind } = useValues({ name: '', email: '', password: '' })
  const login = useLogin()
  const register = useMutation({
    mutationFn: async () => {
      await take(api.POST('/api/v1/auth/register', { body: { ...values, locale, status: 'consumer' } }))
      await login.mutateAsync(values).catch((error) => {
        throw error instanceof Problem && error.status === 401 ? new KnownAddress() : error
      })
    },
    onSuccess: onDone,
  })
  const known = register.error instanceof KnownAddress && (
    <Alert color="blue" title={t('register.known')} role="status">
      {t('register.knownText')}
    </Alert>
  )
  return (
    <FormFrame
      error={register.error}
      names={FIELDS}
      submit={t('register.submit')}
      busy={register.isPending}
      onSend={() => register.mutate()}
      notice={known || undefined}
      wide
    >
      {(faults) => (
        <>
          <TextInput {...bind('name', faults)} label={t('name')} autoComplete="name" />
          <TextInput {...bind('email', faults)} label={t('email')} type="email" autoComplete="email" />
          <SecretInput {...bind('password', faults)} label={t('password')} autoComplete="new-password" description={t('passwordHint')} />
        </>
      )}
    </FormFrame>
  )
}

export function RegisterPage() {
  const t = useTranslations('auth')
  const router = useRouter()
  const next = safeNext(useSearchParams().get('next'))
  return (
    <>
      <FormHead title={t('register.title')} text={t('register.text')} />
      <RegisterForm onDone={() => router.replace(next)} />
      <Text mt="lg" size="sm">
        {t('register.have')}{' '}
        <Anchor component={Link} href={`/login?next=${encodeURIComponent(next)}`} size="sm" underline="always">
          {t('login.submit')}
        </Anchor>
      </Text>
    </>
  )
}
