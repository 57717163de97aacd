'use client'

import { NativeSelect, SimpleGrid, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { Problem } from '@/api/client'
import { CountrySelect } from '@/components/form/country-select'
import { parsePercent } from '../amounts'
import { type Deed, ReasonDialog } from '../reason-dialog'
import { addRule, type Rule } from './queries'

const BUYERS = ['any', 'consumer', 'business', 'registered'] as const
const CATEGORIES = ['S', 'Z', 'E', 'AE', 'G', 'K', 'O'] as const
const CLASSES = ['service', 'hosting', 'domain'] as const

const EMPTY = {
  name: '',
  rate: '',
  state: '',
  product_class: '',
  buyer: 'any' as Rule['buyer'],
  category: '',
  exemption_code: '',
  valid_from: '',
  valid_until: '',
}

/** A new rule beside those that are there; the narrowest that fits a sale is taken. */
export function RuleDialog({ country: first, onClose }: { country: string; onClose: () => void }) {
  const t = useTranslations('desk.rules')
  const explain = useTranslations('desk.explain')
  const classes = useTranslations('desk.draft')
  const kept = useTranslations('staff.license')('kept')
  const [country, setCountry] = useState(first)
  const [values, setValues] = useState(EMPTY)
  const field = (name: keyof typeof EMPTY) => ({
    size: 'sm' as const,
    value: values[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget
      setValues((before) => ({ ...before, [name]: value }))
    },
  })
  const deed: Deed = {
    title: t('add'),
    text: t('addText'),
    submit: t('add'),
    done: t('added'),
    hint: kept,
    size: 'lg',
    names: ['country', 'name', 'rate_ppm', 'state', 'product_class', 'buyer', 'category', 'exemption_code', 'valid_from', 'valid_until'],
    run: (reason) => {
      const rate_ppm = parsePercent(values.rate)
      const wrong = [
        ...(country ? [] : [{ field: 'country', message: t('noCountry') }]),
        ...(rate_ppm === null ? [{ field: 'rate_ppm', message: t('noRate') }] : []),
        ...(values.valid_from ? [] : [{ field: 'valid_from', message: t('noDay') }]),
      ]
      if (rate_ppm === null || wrong.length > 0) throw new Problem(422, 'invalid', '', wrong)
      return addRule({
        country,
        name: values.name.trim(),
        rate_ppm,
        state: values.state.trim() || null,
        product_class: values.product_class || null,
        buyer: values.buyer,
        category: (values.category || null) as Rule['category'] | null,
        exemption_code: values.exemption_code.trim() || null,
        valid_from: values.valid_from,
        valid_until: values.valid_until || null,
        reason,
      })
    },
    fields: (faults) => (
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        <CountrySelect size="sm" label={t('country')} value={country || null} onChange={(code) => setCountry(code ?? '')} error={faults.country} />
        <TextInput {...field('state')} label={t('stateField')} maxLength={200} error={faults.state} />
        <TextInput {...field('name')} label={t('nameField')} maxLength={200} error={faults.name} required />
        <TextInput {...field('rate')} label={t('rateField')} inputMode="decimal" error={faults.rate_ppm} required />
        <NativeSelect
          {...field('product_class')}
          label={t('class')}
          error={faults.product_class}
          data={[{ value: '', label: t('all') }, ...CLASSES.map((value) => ({ value, label: classes(`class_${value}`) }))]}
        />
        <NativeSelect
          {...field('buyer')}
          label={t('buyer')}
          error={faults.buyer}
          data={BUYERS.map((value) => ({ value, label: explain(`buyer_${value}`) }))}
        />
        <NativeSelect
          {...field('category')}
          label={t('category')}
          error={faults.category}
          data={[{ value: '', label: t('byRate') }, ...CATEGORIES.map((value) => ({ value, label: `${value} · ${explain(`category_${value}`)}` }))]}
        />
        <TextInput {...field('exemption_code')} label={t('exemptionCode')} maxLength={200} error={faults.exemption_code} />
        <TextInput {...field('valid_from')} type="date" label={t('from')} error={faults.valid_from} required />
        <TextInput {...field('valid_until')} type="date" label={t('firstWithout')} error={faults.valid_until} />
      </SimpleGrid>
    ),
  }
  return <ReasonDialog deed={deed} onClose={onClose} />
}
