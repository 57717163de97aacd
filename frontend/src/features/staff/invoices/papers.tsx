'use client'

import { Card, Text, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { DataTable } from '@/components/data-table'
import { Money } from '@/components/money'
import { When } from '@/components/when'
import { Files, papers } from './files'
import type { Invoice } from './queries'

export function Block({ id, title, children }: { id: string; title: string; children: ReactNode }) {
  return (
    <section aria-labelledby={id}>
      <Title order={2} fz={16} mb="xs" id={id}>
        {title}
      </Title>
      {children}
    </section>
  )
}

export function Payments({ invoice }: { invoice: Invoice }) {
  const t = useTranslations('staff')
  const words = useTranslations('desk')
  const known = (method: string) => (words.has(`method.${method}`) ? words(`method.${method}`) : method)
  return (
    <Block id="payments" title={words('invoice.payments')}>
      <DataTable
        dense
        label={words('invoice.payments')}
        rows={invoice.payments}
        rowKey={(row) => row.id}
        columns={[
          { key: 'on', title: words('invoice.on'), render: (row) => <When at={row.applied_on} /> },
          { key: 'how', title: words('invoice.how'), render: (row) => known(row.method ?? row.source) },
          { key: 'reference', title: words('invoice.reference'), render: (row) => row.reference },
          {
            key: 'files',
            title: words('invoice.receipt'),
            render: (row) => <Files small paper={papers.receipt(row.id, `${invoice.number}-R${invoice.payments.indexOf(row) + 1}`)} />,
          },
          { key: 'amount', title: t('columns.paid'), number: true, render: (row) => <Money value={row.amount} /> },
        ]}
      />
    </Block>
  )
}

export function CreditNotes({ invoice }: { invoice: Invoice }) {
  const t = useTranslations('staff')
  const words = useTranslations('desk.invoice')
  return (
    <Block id="credit-notes" title={t('invoices.creditNotes')}>
      <DataTable
        dense
        label={t('invoices.creditNotes')}
        rows={invoice.credit_notes}
        rowKey={(note) => note.id}
        columns={[
          { key: 'number', title: t('columns.number'), render: (note) => note.number },
          { key: 'issued', title: t('columns.issued'), render: (note) => <When at={note.issued_on} /> },
          { key: 'what', title: t('columns.what'), render: (note) => note.lines.map((line) => <div key={line.line_id}>{line.description}</div>) },
          { key: 'reason', title: t('columns.reason'), render: (note) => note.reason },
          { key: 'files', title: words('files'), render: (note) => <Files small paper={papers.creditNote(note.id, note.number)} /> },
          { key: 'net', title: t('columns.net'), number: true, render: (note) => <Money value={note.net} /> },
          { key: 'tax', title: t('columns.tax'), number: true, render: (note) => <Money value={note.tax} /> },
          { key: 'total', title: t('columns.total'), number: true, render: (note) => <Money value={note.total} /> },
        ]}
      />
    </Block>
  )
}

export function Notes({ text }: { text: string }) {
  const words = useTranslations('desk.invoice')
  return (
    <Block id="notes" title={words('notes')}>
      <Card padding="md">
        <Text size="sm" style={{ whiteSpace: 'pre-wrap' }}>
          {text}
        </Text>
      </Card>
    </Block>
  )
}
