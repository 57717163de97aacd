'use client'

import { Button, SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { type FormEvent, useState } from 'react'
import { focusFirstFault, sortFaults } from '@/components/form/faults'
import { ProblemAlert } from '@/components/problem-alert'
import { useCompany } from '@/features/company'
import { ADDRESS_FIELDS, AddressFields, newAddress } from './address-fields'
import { type Customer, useSaveProfile } from './queries'

const FIELDS = ['name', 'phone', 'company', 'tax_id', 'status', ...ADDRESS_FIELDS]

/** Who buys, and where: what an invoice and a registry need. */
export function DetailsForm({ customer, submit, onSaved }: { customer: Customer; submit: string; onSaved: () => void }) {
  const t = useTranslations('account.details')
  const shop = useCompany()
  const save = useSaveProfile()
  const [values, setValues] = useState({
    name: customer.name,
    phone: customer.phone ?? '',
    company: customer.company ?? '',
    tax_id: customer.tax_id ?? '',
    status: customer.status,
  })
  const [address, setAddress] = useState({ ...newAddress(shop.country), ...customer.address })
  const faults = sortFaults(save.error, FIELDS)
  const business = values.status === 'business'
  const send = (event: FormEvent) => {
    event.preventDefault()
    const profile = {
      ...values,
      phone: values.phone || null,
      company: business ? values.company || null : null,
      tax_id: business ? values.tax_id || null : null,
    }
    save.mutate({ profile, address }, { onSuccess: onSaved, onError: focusFirstFault })
  }
  const bind = (name: 'name' | 'phone' | 'company' | 'tax_id') => ({
    label: t(name),
    value: values[name],
    error: faults.fields[name],
    onChange: (event: { currentTarget: HTMLInputElement }) => {
      const typed = event.currentTarget.value
      setValues((before) => ({ ...before, [name]: typed }))
    },
  })
  return (
    <form onSubmit={send} noValidate>
      <Stack>
        {save.error && <ProblemAlert error={save.error} />}
        <Stack gap={4}>
          <Text size="sm" fw={500} id="status-label">
            {t('status')}
          </Text>
          <SegmentedControl
            aria-labelledby="status-label"
            value={values.status}
            onChange={(status) => setValues((before) => ({ ...before, status: status as Customer['status'] }))}
            data={[
              { value: 'consumer', label: t('consumer') },
              { value: 'business', label: t('business') },
            ]}
          />
        </Stack>
        <TextInput {...bind('name')} autoComplete="name" required />
        {business && <TextInput {...bind('company')} autoComplete="organization" />}
        {business && <TextInput {...bind('tax_id')} description={t('taxHelp')} />}
        <TextInput {...bind('phone')} type="tel" autoComplete="tel" description={t('phoneHelp')} placeholder="+14155550123" required />
        <AddressFields value={address} onChange={setAddress} errors={faults.fields} />
        <Button type="submit" loading={save.isPending} style={{ alignSelf: 'flex-start' }}>
          {submit}
        </Button>
      </Stack>
    </form>
  )
}
