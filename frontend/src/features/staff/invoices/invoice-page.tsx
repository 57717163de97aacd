'use client'

import { Alert, SimpleGrid, Skeleton, Stack } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { PageHeader } from '@/components/page-header'
import { Trouble } from '@/components/trouble'
import { useToday } from '@/features/company'
import { invoiceState } from '@/lib/invoice'
import { ExplainDrawer } from '../dialogs'
import layout from '../orders/orders.module.css'
import { StateBadge } from '../state-badge'
import { InvoiceDeeds } from './deeds'
import type { Question } from './explain-drawer'
import { Files, papers } from './files'
import classes from './invoices.module.css'
import { Ledger } from './ledger'
import { Lines } from './lines'
import { CreditNotes, Notes, Payments } from './papers'
import { About, Buyer, Seller } from './parties'
import { type Invoice, useExplanation, useStaffInvoice } from './queries'
import { Totals } from './totals'

export function StaffInvoicePage({ id }: { id: string }) {
  const t = useTranslations('staff')
  const found = useStaffInvoice(id)
  const invoice = found.data
  const today = useToday()
  return (
    <>
      <PageHeader
        title={invoice ? (invoice.number ?? t('invoices.draft')) : t('columns.invoice')}
        badge={invoice?.number && <StateBadge state={invoiceState(invoice, today)} />}
        back={{ href: '/admin/invoices', label: t('titles.invoices') }}
        action={invoice?.number && <Files paper={papers.invoice(invoice.id, invoice.number)} />}
      />
      {found.error && <Trouble error={found.error} retry={() => found.refetch()} />}
      {!invoice && !found.error && <Skeleton height={320} radius="lg" />}
      {invoice && <Whole invoice={invoice} />}
    </>
  )
}

function Whole({ invoice }: { invoice: Invoice }) {
  const words = useTranslations('desk.invoice')
  const [question, ask] = useState<Question | null>(null)
  const journals = useExplanation(invoice.id).data?.journals ?? []
  const taxless = invoice.state === 'draft' && !invoice.buyer.address_line_1
  return (
    <div className={layout.columns}>
      <div className={`${layout.side} ${classes.side}`}>
        <InvoiceDeeds invoice={invoice} />
        <About invoice={invoice} />
      </div>
      <Stack gap="md">
        {taxless && <Alert color="orange">{words('noAddress')}</Alert>}
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
          <Seller seller={invoice.seller} />
          <Buyer buyer={invoice.buyer} />
        </SimpleGrid>
        <Lines lines={invoice.lines} onWhy={(lineId) => ask({ of: 'line', id: lineId })} />
        <Totals invoice={invoice} onWhy={() => ask({ of: 'whole' })} />
        {invoice.notes && <Notes text={invoice.notes} />}
        {invoice.payments.length > 0 && <Payments invoice={invoice} />}
        {invoice.credit_notes.length > 0 && <CreditNotes invoice={invoice} />}
        <Ledger journals={journals} onEntry={(entry) => ask({ of: 'entry', entry })} />
      </Stack>
      {question && <ExplainDrawer invoice={invoice} question={question} onClose={() => ask(null)} />}
    </div>
  )
}
