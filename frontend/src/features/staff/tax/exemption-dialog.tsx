'use client'

import { SimpleGrid, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { Problem } from '@/api/client'
import { CountrySelect } from '@/components/form/country-select'
import { type Deed, ReasonDialog } from '../reason-dialog'
import { grantExemption } from './queries'

const EMPTY = { state: '', number: '', document: '', valid_from: '', valid_until: '' }

export function ExemptionDialog({ customerId, onClose }: { customerId: string; onClose: () => void }) {
  const t = useTranslations('desk.buyer')
  const kept = useTranslations('staff.license')('kept')
  const [country, setCountry] = useState('')
  const [values, set] = useState(EMPTY)
  const field = (name: keyof typeof EMPTY) => ({
    size: 'sm' as const,
    value: values[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget
      set((before) => ({ ...before, [name]: value }))
    },
  })
  const deed: Deed = {
    title: t('grant'),
    text: t('grantText'),
    submit: t('grant'),
    done: t('granted'),
    hint: kept,
    size: 'lg',
    names: ['country', 'state', 'number', 'document', 'valid_from', 'valid_until'],
    run: (reason) => {
      const missing = (['valid_from', 'valid_until'] as const).filter((name) => !values[name]).map((field) => ({ field, message: t('noDay') }))
      const wrong = [...(country ? [] : [{ field: 'country', message: t('noCountry') }]), ...missing]
      if (wrong.length > 0) throw new Problem(422, 'invalid', '', wrong)
      return grantExemption(customerId, { ...values, country, state: values.state.trim() || null, reason })
    },
    fields: (faults) => (
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        <CountrySelect size="sm" label={t('country')} value={country || null} onChange={(code) => setCountry(code ?? '')} error={faults.country} />
        <TextInput {...field('state')} label={t('state')} maxLength={200} error={faults.state} />
        <TextInput {...field('number')} label={t('certificate')} maxLength={200} error={faults.number} required />
        <TextInput {...field('document')} label={t('documentField')} maxLength={200} error={faults.document} required />
        <TextInput {...field('valid_from')} type="date" label={t('from')} error={faults.valid_from} required />
        <TextInput {...field('valid_until')} type="date" label={t('until')} error={faults.valid_until} required />
      </SimpleGrid>
    ),
  }
  return <ReasonDialog deed={deed} onClose={onClose} />
}
