'use client'

import { NativeSelect, SimpleGrid, Switch, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { Problem } from '@/api/client'
import { CountrySelect } from '@/components/form/country-select'
import { useCompany } from '@/features/company'
import { type Deed, ReasonDialog } from '../reason-dialog'
import { changeOf, type PolicyValues, policyValues } from './policy-change'
import { changePolicy, type Policy } from './queries'

const CHOICES = {
  oss: ['auto', 'registered', 'below_threshold'],
  rounding_scope: ['line', 'invoice'],
  rounding_mode: ['half_up', 'half_even', 'down'],
  third_country: ['O', 'G'],
  late_proof: ['automatic', 'task'],
  provider_failure: ['refuse', 'own_rules'],
} as const
const PREFIX = {
  oss: 'oss',
  rounding_scope: 'scope',
  rounding_mode: 'mode',
  third_country: 'third',
  late_proof: 'late',
  provider_failure: 'failure',
} as const
const LABELS = {
  oss: 'oss',
  rounding_scope: 'scope',
  rounding_mode: 'mode',
  third_country: 'third',
  late_proof: 'late',
  provider_failure: 'failure',
} as const
const NAMES = [
  ...Object.keys(CHOICES),
  'effective_on',
  'seller_country',
  'threshold_minor',
  'recheck_days',
  'requester_id',
  'provider_countries',
  'small_business_notes',
  'inclusive_by_country',
]

/** A change is a new version; what was decided by the old one stays. */
export function PolicyDialog({ policy, onClose }: { policy: Policy | undefined; onClose: () => void }) {
  const t = useTranslations('desk.policy')
  const kept = useTranslations('staff.license')('kept')
  const company = useCompany()
  const currency = policy?.home_currency ?? company.currency
  const [before] = useState(() => policyValues(policy, company.country))
  const [values, setValues] = useState(before)
  const set = (part: Partial<PolicyValues>) => setValues((known) => ({ ...known, ...part }))
  const deed: Deed = {
    title: t('change'),
    text: t('changeText'),
    submit: t('submit'),
    done: t('done'),
    hint: kept,
    size: 'xl',
    names: NAMES,
    run: (reason) => {
      const change = changeOf(before, values, currency)
      if (!change) throw new Problem(422, 'invalid', '', [{ field: 'threshold_minor', message: t('noAmount') }])
      if (policy && Object.keys(change).length === 0) throw new Problem(422, 'invalid', '', [{ field: 'nothing', message: t('nothing') }])
      return changePolicy({ ...change, ...(policy ? {} : { seller_country: values.seller_country }), reason })
    },
    fields: (faults) => <Fields values={values} set={set} faults={faults} currency={currency} />,
  }
  return <ReasonDialog deed={deed} onClose={onClose} />
}

interface FieldsProps {
  values: PolicyValues
  set: (part: Partial<PolicyValues>) => void
  faults: Record<string, string>
  currency: string
}

function Fields({ values, set, faults, currency }: FieldsProps) {
  const t = useTranslations('desk.policy')
  const choice = (name: keyof typeof CHOICES) => (
    <NativeSelect
      size="sm"
      label={t(LABELS[name])}
      value={values[name]}
      error={faults[name]}
      onChange={(event) => set({ [name]: event.currentTarget.value })}
      data={CHOICES[name].map((value) => ({ value, label: t(`${PREFIX[name]}_${value}`) }))}
    />
  )
  const text = (
    name: 'effective_on' | 'threshold' | 'recheck_days' | 'requester_id' | 'provider_countries' | 'otherwise' | 'note_en' | 'note_de',
    api: string,
    type = 'text',
  ) => (
    <TextInput
      size="sm"
      type={type}
      label={t(`field_${name}`, { currency })}
      description={t.has(`hint_${name}`) ? t(`hint_${name}`) : undefined}
      value={values[name]}
      error={faults[api]}
      onChange={(event) => set({ [name]: event.currentTarget.value })}
    />
  )
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        {text('effective_on', 'effective_on', 'date')}
        <CountrySelect
          size="sm"
          label={t('seller')}
          value={values.seller_country}
          onChange={(code) => set({ seller_country: code ?? '' })}
          error={faults.seller_country}
        />
        {choice('oss')}
        {text('threshold', 'threshold_minor')}
        {choice('rounding_scope')}
        {choice('rounding_mode')}
        {choice('third_country')}
        {choice('late_proof')}
        {text('recheck_days', 'recheck_days')}
        {text('requester_id', 'requester_id')}
        {text('provider_countries', 'provider_countries')}
        {choice('provider_failure')}
      </SimpleGrid>
      <Switch label={t('inclusive')} checked={values.inclusive} onChange={(event) => set({ inclusive: event.currentTarget.checked })} />
      {text('otherwise', 'inclusive_by_country')}
      <Switch label={t('smallBusiness')} checked={values.small_business} onChange={(event) => set({ small_business: event.currentTarget.checked })} />
      {values.small_business && (
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
          {text('note_en', 'small_business_notes')}
          {text('note_de', 'small_business_notes')}
        </SimpleGrid>
      )}
    </>
  )
}
