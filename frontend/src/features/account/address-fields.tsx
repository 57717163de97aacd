'use client'

import { SimpleGrid, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import type { Schemas } from '@/api/client'
import { CountrySelect } from '@/components/form/country-select'

export type Address = Required<Schemas['AddressBody']>
export const ADDRESS_FIELDS = ['line_1', 'line_2', 'city', 'postal_code', 'state', 'country'] as const
export const WITH_STATE = new Set(['US', 'CA', 'AU', 'IN', 'BR'])

export function newAddress(country: string): Address {
  return { line_1: '', line_2: '', city: '', postal_code: '', state: '', country }
}

interface AddressFieldsProps {
  value: Address
  onChange: (value: Address) => void
  errors: Record<string, string>
}

export function AddressFields({ value, onChange, errors }: AddressFieldsProps) {
  const t = useTranslations('account.address')
  const bind = (name: keyof Address) => ({
    label: t(name),
    value: value[name],
    error: errors[name],
    onChange: (event: { currentTarget: HTMLInputElement }) => onChange({ ...value, [name]: event.currentTarget.value }),
  })
  return (
    <>
      <CountrySelect
        label={t('country')}
        value={value.country || null}
        onChange={(code) => onChange({ ...value, country: code ?? '' })}
        error={errors.country}
      />
      <TextInput {...bind('line_1')} autoComplete="address-line1" required />
      <TextInput {...bind('line_2')} autoComplete="address-line2" />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <TextInput {...bind('postal_code')} autoComplete="postal-code" />
        <TextInput {...bind('city')} autoComplete="address-level2" required />
      </SimpleGrid>
      {(WITH_STATE.has(value.country) || errors.state) && <TextInput {...bind('state')} autoComplete="address-level1" />}
    </>
  )
}
