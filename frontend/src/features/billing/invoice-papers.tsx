'use client'

import { Group, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'
import type { Schemas } from '@/api/client'
import { DataTable } from '@/components/data-table'
import { Money } from '@/components/money'
import { When } from '@/components/when'
import { FileButton } from './file-button'

type Invoice = Schemas['InvoiceBody']
const METHODS = ['bank_transfer', 'cash', 'cheque', 'card_terminal', 'other', 'credit', 'gateway'] as const

/** Money that paid the invoice or a part of it, each with its receipt. */
export function Payments({ invoice }: { invoice: Invoice }) {
  const t = useTranslations('account.invoices')
  const wordOf = (payment: Invoice['payments'][number]) => {
    const known = METHODS.find((each) => each === (payment.method ?? payment.source))
    return known ? t(`method.${known}`) : (payment.method ?? payment.source)
  }
  return (
    <section>
      <Title order={2} fz={18} mb="sm">
        {t('payments')}
      </Title>
      <DataTable
        label={t('payments')}
        rows={invoice.payments}
        rowKey={(payment) => payment.id}
        columns={[
          { key: 'on', title: t('paidAt'), render: (payment) => <When at={payment.applied_on} /> },
          { key: 'how', title: t('how'), render: wordOf },
          { key: 'reference', title: t('reference'), render: (payment) => payment.reference ?? '' },
          { key: 'amount', title: t('amount'), number: true, render: (payment) => <Money value={payment.amount} /> },
          {
            key: 'receipt',
            title: t('receipt'),
            number: true,
            render: (payment) => <FileButton path={`/api/v1/receipts/${payment.id}/pdf`} label={t('pdf')} what={t('receipt')} size="compact-sm" />,
          },
        ]}
      />
    </section>
  )
}

export function CreditNotes({ invoice }: { invoice: Invoice }) {
  const t = useTranslations('account.invoices')
  return (
    <section>
      <Title order={2} fz={18} mb="sm">
        {t('creditNotes')}
      </Title>
      <DataTable
        label={t('creditNotes')}
        rows={invoice.credit_notes}
        rowKey={(note) => note.id}
        columns={[
          { key: 'number', title: t('number'), render: (note) => note.number },
          { key: 'issued', title: t('issued'), render: (note) => <When at={note.issued_on} /> },
          { key: 'reason', title: t('reason'), render: (note) => note.reason },
          { key: 'total', title: t('total'), number: true, render: (note) => <Money value={note.total} /> },
          {
            key: 'files',
            title: t('files'),
            number: true,
            render: (note) => (
              <Group gap="xs" wrap="nowrap" justify="flex-end" component="span" display="inline-flex">
                <FileButton path={`/api/v1/credit-notes/${note.id}/pdf`} label={t('pdf')} what={note.number} size="compact-sm" />
                <FileButton path={`/api/v1/credit-notes/${note.id}/xml`} label={t('xml')} what={note.number} size="compact-sm" />
              </Group>
            ),
          },
        ]}
      />
    </section>
  )
}
