'use client'

import { Skeleton } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { parseAsString, useQueryState } from 'nuqs'
import { useState } from 'react'
import { EmptyState } from '@/components/empty-state'
import { PageHeader } from '@/components/page-header'
import { Trouble } from '@/components/trouble'
import { useCompany } from '@/features/company'
import { newLine, valuesOf } from './draft'
import { DraftForm } from './draft-form'
import { useExplanation, useStaffInvoice } from './queries'

const TERMS = '14'

export function NewDraftPage() {
  const t = useTranslations('staff.titles')
  const words = useTranslations('desk.draft')
  const { currency } = useCompany()
  const [customer] = useQueryState('customer', parseAsString.withDefault(''))
  const [first] = useState(() => newLine())
  return (
    <>
      <PageHeader title={t('newInvoice')} text={words('text')} back={{ href: '/admin/invoices', label: t('invoices') }} />
      <DraftForm initial={{ customerId: customer, currency, lines: [first], buyerReference: '', orderNumber: '', notes: '', terms: TERMS }} />
    </>
  )
}

export function EditDraftPage({ id }: { id: string }) {
  const t = useTranslations('staff')
  const words = useTranslations('desk.draft')
  const invoice = useStaffInvoice(id)
  const reasons = useExplanation(id)
  const error = invoice.error ?? reasons.error
  // Both of the same version; what is read again beneath the form changes nothing in it.
  const ready = invoice.data && reasons.data && reasons.data.invoice.version === invoice.data.version
  return (
    <>
      <PageHeader
        title={t('titles.editInvoice')}
        text={invoice.data?.buyer_name}
        back={{ href: `/admin/invoices/${id}`, label: t('invoices.draft') }}
      />
      {error && <Trouble error={error} />}
      {!ready && !error && <Skeleton height={320} radius="lg" />}
      {ready && invoice.data.state !== 'draft' && (
        <EmptyState title={words('issued')} text={words('issuedText')} action={{ href: `/admin/invoices/${id}`, label: words('toInvoice') }} />
      )}
      {ready && invoice.data.state === 'draft' && (
        <DraftForm key={invoice.data.version} initial={valuesOf(invoice.data, reasons.data)} of={invoice.data} />
      )}
    </>
  )
}
