'use client'

import { Anchor, Text, TextInput } from '@mantine/core'
import { useRouter, useSearchParams } from 'next/navigation'
import { useTranslations } from 'next-intl'
import type { Me } from '@/api/session'
import { FormFrame } from '@/components/form/form-frame'
import { FormHead } from '@/components/form/form-head'
import { SecretInput } from '@/components/form/secret-input'
import Link from '@/components/link'
import { safeNext } from '@/lib/address'
import { useLogin } from './session'
import { useValues } from './use-values'

const FIELDS = ['email', 'password'] as const

export function LoginForm({ onDone }: { onDone: (me: Me) => void }) {
  const t = useTranslations('auth')
  const login = useLogin()
  const { values, bind } = useValues({ email: '', password: '' })
  return (
    <FormFrame
      error={login.error}
      names={FIELDS}
      submit={t('login.submit')}
      busy={login.isPending}
      onSend={() => login.mutate(values, { onSuccess: onDone })}
      alertTitle={t('login.failed')}
      wide
    >
      {(faults) => (
        <>
          <TextInput {...bind('email', faults)} label={t('email')} type="email" autoComplete="username" />
          <SecretInput {...bind('password', faults)} label={t('password')} autoComplete="current-password" />
          <Anchor component={Link} href="/forgot-password" size="sm">
            {t('login.forgot')}
          </Anchor>
        </>
      )}
    </FormFrame>
  )
}

export function LoginPage() {
  const t = useTranslations('auth')
  const router = useRouter()
  const asked = useSearchParams().get('next')
  const next = safeNext(asked)
  return (
    <>
      <FormHead title={t('login.title')} text={asked ? t('login.again') : undefined} />
      <LoginForm onDone={(me) => router.replace(asked || me.customer_id ? next : '/admin')} />
      <Text mt="lg" size="sm">
        {t('login.new')}{' '}
        <Anchor component={Link} href={`/register?next=${encodeURIComponent(next)}`} size="sm" underline="always">
          {t('login.register')}
        </Anchor>
      </Text>
    </>
  )
}
