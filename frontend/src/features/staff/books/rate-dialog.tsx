'use client'

import { SimpleGrid, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { Problem } from '@/api/client'
import { useToday } from '@/features/company'
import { parseRate } from '../amounts'
import { type Deed, ReasonDialog } from '../reason-dialog'
import { setRate } from './queries'

export function RateDialog({ home, currency, onClose }: { home: string; currency: string; onClose: () => void }) {
  const words = useTranslations('desk.rates')
  const today = useToday()
  const [values, set] = useState({ currency, day: today, rate: '', source: '' })
  const field = (name: keyof typeof values) => ({
    size: 'sm' as const,
    value: values[name],
    required: name !== 'source',
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget
      set((before) => ({ ...before, [name]: name === 'currency' ? value.toUpperCase() : value }))
    },
  })
  const deed: Deed = {
    plain: true,
    title: words('set'),
    text: words('setText'),
    submit: words('set'),
    done: words('done'),
    names: ['currency', 'day', 'ppm', 'source'],
    run: () => {
      const ppm = parseRate(values.rate)
      if (!ppm) throw new Problem(422, 'invalid', '', [{ field: 'ppm', message: words('noRate') }])
      return setRate({ currency: values.currency, day: values.day, ppm, source: values.source.trim() || 'staff' })
    },
    fields: (faults) => (
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <TextInput {...field('currency')} label={words('currency')} maxLength={3} error={faults.currency} data-autofocus />
        <TextInput {...field('day')} type="date" label={words('day')} error={faults.day} />
        <TextInput {...field('rate')} label={words('rateField', { currency: values.currency || '…', home })} inputMode="decimal" error={faults.ppm} />
        <TextInput {...field('source')} label={words('sourceField')} maxLength={100} error={faults.source} />
      </SimpleGrid>
    ),
  }
  return <ReasonDialog deed={deed} onClose={onClose} />
}
