'use client'

import { Anchor } from '@mantine/core'
import { IconFileInvoice } from '@tabler/icons-react'
import { useTranslations } from 'next-intl'
import { DataTable } from '@/components/data-table'
import { EmptyState } from '@/components/empty-state'
import { MoreButton } from '@/components/form/more-button'
import Link from '@/components/link'
import { Money } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { ProblemAlert } from '@/components/problem-alert'
import { StatusBadge } from '@/components/status-badge'
import { When } from '@/components/when'
import { useToday } from '@/features/company'
import { invoiceState } from '@/lib/invoice'
import { FileButton } from './file-button'
import { useInvoices } from './queries'

export function InvoiceList() {
  const t = useTranslations('account.invoices')
  const list = useInvoices()
  const today = useToday()
  const { rows, error } = list
  const empty = rows?.length === 0
  return (
    <>
      <PageHeader title={t('title')} />
      {error && <ProblemAlert error={error} retry={list.again} />}
      {empty && <EmptyState icon={<IconFileInvoice />} title={t('empty')} text={t('emptyText')} />}
      {!error && !empty && (
        <DataTable
          label={t('title')}
          rows={rows}
          rowKey={(invoice) => invoice.id}
          columns={[
            {
              key: 'number',
              title: t('number'),
              render: (invoice) => (
                <Anchor component={Link} href={`/invoices/${invoice.id}`} fw={600}>
                  {invoice.number ?? t('draft')}
                </Anchor>
              ),
            },
            { key: 'date', title: t('issued'), render: (invoice) => <When at={invoice.issued_on} /> },
            { key: 'state', title: t('state'), render: (invoice) => <StatusBadge state={invoiceState(invoice, today)} /> },
            { key: 'due', title: t('due'), number: true, render: (invoice) => <Money value={invoice.due} /> },
            { key: 'total', title: t('total'), number: true, render: (invoice) => <Money value={invoice.total} /> },
            {
              key: 'file',
              title: t('files'),
              number: true,
              render: (invoice) =>
                invoice.number ? (
                  <FileButton path={`/api/v1/invoices/${invoice.id}/pdf`} label={t('pdf')} what={invoice.number} size="compact-sm" />
                ) : (
                  ''
                ),
            },
          ]}
        />
      )}
      <MoreButton {...list} />
    </>
  )
}
