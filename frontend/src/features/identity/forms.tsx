'use client'

import { Alert, Anchor, Button, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useRouter, useSearchParams } from 'next/navigation'
import { useLocale, useTranslations } from 'next-intl'
import { type FormEvent, type ReactNode, useState } from 'react'
import { api, take } from '@/api/client'
import { focusFirstFault, sortFaults } from '@/components/form/faults'
import Link from '@/components/link'
import { ProblemAlert } from '@/components/problem-alert'
import { safeNext, useLogin } from '.'

export function FormHead({ title, text }: { title: string; text?: ReactNode }) {
  return (
    <Stack gap={4} mb="lg">
      <Title order={1} fz={28}>
        {title}
      </Title>
      {text && <Text c="dimmed">{text}</Text>}
    </Stack>
  )
}

export function LoginForm({ onDone, initialEmail = '' }: { onDone: () => void; initialEmail?: string }) {
  const t = useTranslations('auth')
  const login = useLogin()
  const [email, setEmail] = useState(initialEmail)
  const [password, setPassword] = useState('')
  const faults = sortFaults(login.error, ['email', 'password'])
  const send = (event: FormEvent) => {
    event.preventDefault()
    login.mutate({ email, password }, { onSuccess: onDone, onError: focusFirstFault })
  }
  return (
    <form onSubmit={send} noValidate>
      <Stack>
        {login.error && <ProblemAlert error={login.error} title={login.error && t('login.failed')} />}
        <TextInput
          label={t('email')}
          type="email"
          autoComplete="username"
          value={email}
          onChange={(e) => setEmail(e.currentTarget.value)}
          error={faults.fields.email}
          required
        />
        <PasswordInput
          label={t('password')}
          autoComplete="current-password"
          value={password}
          onChange={(e) => setPassword(e.currentTarget.value)}
          error={faults.fields.password}
          visibilityToggleButtonProps={{ 'aria-label': t('showPassword') }}
          required
        />
        <Anchor component={Link} href="/forgot-password" size="sm">
          {t('login.forgot')}
        </Anchor>
        <Button type="submit" loading={login.isPending} fullWidth>
          {t('login.submit')}
        </Button>
      </Stack>
    </form>
  )
}

const REGISTER_FIELDS = ['name', 'email', 'password'] as const

/** Registers and logs in. Where the address is known already nothing tells so but the mail, and the login fails. */
export function RegisterForm({ onDone }: { onDone: () => void }) {
  const t = useTranslations('auth')
  const locale = useLocale()
  const [values, setValues] = useState({ name: '', email: '', password: '' })
  const login = useLogin()
  const register = useMutation({
    mutationFn: async () => {
      await take(api.POST('/api/v1/auth/register', { body: { ...values, locale, status: 'consumer' } }))
      await login.mutateAsync(values).catch(() => {
        throw new KnownAddress()
      })
    },
    onSuccess: onDone,
    onError: focusFirstFault,
  })
  const known = register.error instanceof KnownAddress
  const faults = sortFaults(register.error, REGISTER_FIELDS)
  const send = (event: FormEvent) => {
    event.preventDefault()
    register.mutate()
  }
  const bind = (name: (typeof REGISTER_FIELDS)[number]) => ({
    label: t(name),
    value: values[name],
    error: faults.fields[name],
    required: true,
    onChange: (event: { currentTarget: HTMLInputElement }) => {
      const typed = event.currentTarget.value
      setValues((before) => ({ ...before, [name]: typed }))
    },
  })
  return (
    <form onSubmit={send} noValidate>
      <Stack>
        {known && (
          <Alert color="blue" title={t('register.known')}>
            {t('register.knownText')}
          </Alert>
        )}
        {register.error && !known && <ProblemAlert error={register.error} />}
        <TextInput {...bind('name')} autoComplete="name" />
        <TextInput {...bind('email')} type="email" autoComplete="email" />
        <PasswordInput
          {...bind('password')}
          autoComplete="new-password"
          description={t('passwordHint')}
          visibilityToggleButtonProps={{ 'aria-label': t('showPassword') }}
        />
        <Button type="submit" loading={register.isPending} fullWidth>
          {t('register.submit')}
        </Button>
      </Stack>
    </form>
  )
}

class KnownAddress extends Error {}

export function LoginPage() {
  const t = useTranslations('auth')
  const router = useRouter()
  const params = useSearchParams()
  const next = safeNext(params.get('next'))
  return (
    <>
      <FormHead title={t('login.title')} text={params.get('next') ? t('login.again') : undefined} />
      <LoginForm onDone={() => router.replace(next)} />
      <Text mt="lg" size="sm">
        {t('login.new')}{' '}
        <Anchor component={Link} href={`/register?next=${encodeURIComponent(next)}`} size="sm" underline="always">
          {t('login.register')}
        </Anchor>
      </Text>
    </>
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

export function ForgotPage() {
  const t = useTranslations('auth')
  const [email, setEmail] = useState('')
  const forgot = useMutation({ mutationFn: () => take(api.POST('/api/v1/auth/password/forgot', { body: { email } })), onError: focusFirstFault })
  if (forgot.isSuccess) return <FormHead title={t('forgot.sent')} text={t('forgot.sentText', { email })} />
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        forgot.mutate()
      }}
    >
      <FormHead title={t('forgot.title')} text={t('forgot.text')} />
      <Stack>
        {forgot.error && <ProblemAlert error={forgot.error} />}
        <TextInput
          label={t('email')}
          type="email"
          autoComplete="username"
          value={email}
          onChange={(e) => setEmail(e.currentTarget.value)}
          error={sortFaults(forgot.error, ['email']).fields.email}
          required
        />
        <Button type="submit" loading={forgot.isPending} fullWidth>
          {t('forgot.submit')}
        </Button>
        <Anchor component={Link} href="/login" size="sm">
          {t('backToLogin')}
        </Anchor>
      </Stack>
    </form>
  )
}

export function ResetPage() {
  const t = useTranslations('auth')
  const token = useSearchParams().get('token') ?? ''
  const [password, setPassword] = useState('')
  const reset = useMutation({
    mutationFn: () => take(api.POST('/api/v1/auth/password/reset', { body: { token, password } })),
    onError: focusFirstFault,
  })
  if (reset.isSuccess)
    return (
      <>
        <FormHead title={t('reset.done')} text={t('reset.doneText')} />
        <Button component={Link} href="/login">
          {t('login.submit')}
        </Button>
      </>
    )
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        reset.mutate()
      }}
    >
      <FormHead title={t('reset.title')} text={t('reset.text')} />
      <Stack>
        {reset.error && (
          <ProblemAlert error={reset.error}>
            <Anchor component={Link} href="/forgot-password" size="sm">
              {t('reset.another')}
            </Anchor>
          </ProblemAlert>
        )}
        <PasswordInput
          label={t('newPassword')}
          description={t('passwordHint')}
          autoComplete="new-password"
          value={password}
          onChange={(e) => setPassword(e.currentTarget.value)}
          error={sortFaults(reset.error, ['password']).fields.password}
          visibilityToggleButtonProps={{ 'aria-label': t('showPassword') }}
          required
        />
        <Button type="submit" loading={reset.isPending} fullWidth>
          {t('reset.submit')}
        </Button>
      </Stack>
    </form>
  )
}

/** Mail scanners open links too: opening changes nothing, the button does. */
export function VerifyPage() {
  const t = useTranslations('auth')
  const token = useSearchParams().get('token') ?? ''
  const verify = useMutation({ mutationFn: () => take(api.POST('/api/v1/auth/verify-email', { body: { token } })) })
  if (verify.isSuccess)
    return (
      <>
        <FormHead title={t('verify.done')} text={t('verify.doneText')} />
        <Button component={Link} href="/dashboard">
          {t('toAccount')}
        </Button>
      </>
    )
  return (
    <>
      <FormHead title={t('verify.title')} text={t('verify.text')} />
      <Stack>
        {verify.error && (
          <ProblemAlert error={verify.error}>
            <Text size="sm" mt={6}>
              {t('verify.another')}
            </Text>
          </ProblemAlert>
        )}
        <Button onClick={() => verify.mutate()} loading={verify.isPending} fullWidth>
          {t('verify.submit')}
        </Button>
      </Stack>
    </>
  )
}
