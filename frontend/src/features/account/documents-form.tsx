'use client'

import { TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { FormFrame } from '@/components/form/form-frame'
import { type Customer, useSaveDocuments } from './queries'

const FIELDS = ['invoice_email', 'buyer_reference'] as const

/** Where invoices go, and what the buyer's books want to find on them. */
export function DocumentsForm({ customer, onSaved }: { customer: Customer; onSaved: () => void }) {
  const t = useTranslations('account.documents')
  const save = useSaveDocuments()
  const [values, setValues] = useState({ invoice_email: customer.invoice_email ?? '', buyer_reference: customer.buyer_reference ?? '' })
  const send = () =>
    save.mutate(
      { invoice_email: values.invoice_email.trim() || null, buyer_reference: values.buyer_reference.trim() || null },
      { onSuccess: onSaved },
    )
  const bind = (name: (typeof FIELDS)[number], faults: Record<string, string>) => ({
    label: t(name),
    description: t(`${name}_help`),
    value: values[name],
    error: faults[name],
    onChange: (event: { currentTarget: HTMLInputElement }) => {
      const typed = event.currentTarget.value
      setValues((before) => ({ ...before, [name]: typed }))
    },
  })
  return (
    <FormFrame error={save.error} names={FIELDS} submit={t('save')} busy={save.isPending} onSend={send}>
      {(faults) => (
        <>
          <TextInput {...bind('invoice_email', faults)} type="email" autoComplete="off" />
          <TextInput {...bind('buyer_reference', faults)} autoComplete="off" maxLength={40} />
        </>
      )}
    </FormFrame>
  )
}
