'use client'

import { PasswordInput, type PasswordInputProps } from '@mantine/core'
import { useTranslations } from 'next-intl'

/** A password that can be looked at; the eye says what it does. */
export function SecretInput(props: PasswordInputProps) {
  const t = useTranslations('auth')
  return (
    <PasswordInput
      aria-invalid={props.error ? true : undefined}
      {...props}
      visibilityToggleButtonProps={{ 'aria-label': t('showPassword') }}
      required
    />
  )
}
