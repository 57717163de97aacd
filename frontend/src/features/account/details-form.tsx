'use client'

import { Input, SegmentedControl, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useDraft } from '@/components/form/draft'
import { FormFrame } from '@/components/form/form-frame'
import { useCompany } from '@/features/company'
import { ADDRESS_FIELDS, AddressFields, newAddress } from './address-fields'
import { type Customer, useSaveProfile } from './queries'

const TEXTS = ['name', 'company', 'tax_id', 'phone'] as const
const FIELDS = [...TEXTS, 'status', ...ADDRESS_FIELDS]

function valuesOf(customer: Customer, country: string) {
  return {
    name: customer.name,
    phone: customer.phone ?? '',
    company: customer.company ?? '',
    tax_id: customer.tax_id ?? '',
    status: customer.status,
    address: { ...newAddress(country), ...customer.address },
  }
}

/** Who buys, and where: what an invoice and a registry need. */
export function DetailsForm({ customer, submit, onSaved }: { customer: Customer; submit: string; onSaved: () => void }) {
  const t = useTranslations('account.details')
  const save = useSaveProfile()
  const [values, setValues] = useDraft('details', customer.id, valuesOf(customer, useCompany().country))
  const business = values.status === 'business'
  const send = () => {
    const { address, ...texts } = values
    const profile = {
      ...texts,
      phone: texts.phone || null,
      company: business ? texts.company || null : null,
      tax_id: business ? texts.tax_id || null : null,
    }
    const missing = profile.phone ? [] : [{ field: 'phone', message: t('phoneNeeded') }]
    save.mutate({ profile, address, missing }, { onSuccess: onSaved })
  }
  const bind = (name: (typeof TEXTS)[number], faults: Record<string, string>) => ({
    label: t(name),
    value: values[name],
    error: faults[name],
    onChange: (event: { currentTarget: HTMLInputElement }) => {
      const typed = event.currentTarget.value
      setValues((before) => ({ ...before, [name]: typed }))
    },
  })
  return (
    <FormFrame error={save.error} names={FIELDS} submit={submit} busy={save.isPending} onSend={send}>
      {(faults) => (
        <>
          <Input.Wrapper label={t('status')} error={faults.status} labelElement="div" size="md">
            <SegmentedControl
              aria-label={t('status')}
              fullWidth
              value={values.status}
              onChange={(status) => setValues((before) => ({ ...before, status: status as Customer['status'] }))}
              data={[
                { value: 'consumer', label: t('consumer') },
                { value: 'business', label: t('business') },
              ]}
            />
          </Input.Wrapper>
          <TextInput {...bind('name', faults)} autoComplete="name" required />
          {business && <TextInput {...bind('company', faults)} autoComplete="organization" />}
          {business && <TextInput {...bind('tax_id', faults)} description={t('taxHelp')} />}
          <TextInput {...bind('phone', faults)} type="tel" autoComplete="tel" description={t('phoneHelp')} placeholder="+14155550123" required />
          <AddressFields value={values.address} onChange={(address) => setValues((before) => ({ ...before, address }))} errors={faults} />
        </>
      )}
    </FormFrame>
  )
}
