'use client'

import { Card, Group, SimpleGrid, Skeleton, Stack, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { api, type Schemas, take } from '@/api/client'
import { CopyText } from '@/components/copy-text'
import { DataTable } from '@/components/data-table'
import { Facts } from '@/components/facts'
import { Money } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { Party } from '@/components/party'
import { Trouble } from '@/components/trouble'
import { When } from '@/components/when'
import { SideLink, toCustomer, toOrder } from '../parts'
import { StateBadge } from '../state-badge'

type Invoice = Schemas['InvoiceBody']

export function StaffInvoicePage({ id }: { id: string }) {
  const t = useTranslations('staff')
  const found = useQuery<Invoice>({
    queryKey: ['staff', 'invoice', id],
    queryFn: () => take(api.GET('/api/v1/admin/invoices/{invoice_id}', { params: { path: { invoice_id: id } } })),
  })
  const invoice = found.data
  return (
    <>
      <PageHeader
        title={invoice ? (invoice.number ?? t('invoices.draft')) : t('columns.invoice')}
        badge={invoice && <StateBadge state={invoice.state} />}
        back={{ href: '/admin/invoices', label: t('titles.invoices') }}
      />
      {found.error && <Trouble error={found.error} retry={() => found.refetch()} />}
      {!invoice && !found.error && <Skeleton height={320} radius="lg" />}
      {invoice && (
        <Stack gap="md">
          <SimpleGrid cols={{ base: 1, md: 3 }} spacing="md">
            <Side title={t('invoices.from')} lines={sellerLines(invoice)} />
            <Side title={t('invoices.to')} lines={buyerLines(invoice)} />
            <About invoice={invoice} />
          </SimpleGrid>
          <Lines invoice={invoice} />
          <Totals invoice={invoice} />
          {invoice.credit_notes.length > 0 && <CreditNotes invoice={invoice} />}
        </Stack>
      )}
    </>
  )
}

function sellerLines({ seller }: Invoice) {
  return [seller.name, seller.address, seller.country, seller.email, seller.tax_id]
}

function buyerLines({ buyer }: Invoice) {
  const town = [buyer.postal_code, buyer.city].filter(Boolean).join(' ')
  return [buyer.company, buyer.name, buyer.address_line_1, buyer.address_line_2, town, buyer.state, buyer.country, buyer.email, buyer.tax_id]
}

function Side({ title, lines }: { title: string; lines: (string | null)[] }) {
  return (
    <Card padding="md" component="section" aria-label={title}>
      <Party title={title} lines={lines} />
    </Card>
  )
}

function About({ invoice }: { invoice: Invoice }) {
  const t = useTranslations('staff')
  return (
    <Card padding="md" component="section" aria-label={t('invoices.facts')}>
      <Facts
        of={[
          [t('columns.issued'), <When key="i" at={invoice.issued_on} />],
          [t('columns.dueOn'), invoice.due_on && <When key="d" at={invoice.due_on} />],
          [t('columns.paidAt'), invoice.paid_at && <When key="p" at={invoice.paid_at} time />],
          [
            t('columns.customer'),
            <SideLink key="c" href={toCustomer(invoice.customer_id)}>
              {t('orders.openCustomer')}
            </SideLink>,
          ],
          [
            t('columns.order'),
            invoice.origin_type === 'orders.order' && (
              <SideLink key="o" href={toOrder(invoice.origin_id)}>
                {t('invoices.openOrder')}
              </SideLink>
            ),
          ],
          [t('columns.id'), <CopyText key="x" value={invoice.id} shown={`…${invoice.id.slice(-12)}`} what={t('columns.id')} />],
        ]}
      />
    </Card>
  )
}

function Lines({ invoice }: { invoice: Invoice }) {
  const t = useTranslations('staff')
  return (
    <DataTable
      dense
      label={t('invoices.lines')}
      rows={invoice.lines}
      rowKey={(line) => line.id}
      columns={[
        { key: 'what', title: t('columns.what'), render: (line) => line.description },
        {
          key: 'period',
          title: t('columns.period'),
          render: (line) =>
            line.period && (
              <>
                <When at={line.period.start} /> – <When at={line.period.end} />
              </>
            ),
        },
        { key: 'quantity', title: t('columns.quantity'), number: true, render: (line) => line.quantity },
        { key: 'unit', title: t('columns.unit'), number: true, render: (line) => <Money value={line.unit_net} /> },
        { key: 'net', title: t('columns.net'), number: true, render: (line) => <Money value={line.net} /> },
        { key: 'note', title: t('columns.taxNote'), render: (line) => line.tax_note },
        { key: 'tax', title: t('columns.tax'), number: true, render: (line) => <Money value={line.tax} /> },
        { key: 'gross', title: t('columns.total'), number: true, render: (line) => <Money value={line.gross} /> },
      ]}
    />
  )
}

function Totals({ invoice }: { invoice: Invoice }) {
  const t = useTranslations('staff')
  const rows = (['net', 'tax', 'total', 'paid', 'credited', 'due'] as const).map(
    (name) => [t(`columns.${name}`), <Money key={name} value={invoice[name]} />] as [string, ReactNode],
  )
  return (
    <Group justify="flex-end">
      <Card padding="md" w={{ base: '100%', xs: 380 }} component="section" aria-label={t('columns.total')}>
        <Facts of={rows} />
      </Card>
    </Group>
  )
}

function CreditNotes({ invoice }: { invoice: Invoice }) {
  const t = useTranslations('staff')
  return (
    <section aria-labelledby="credit-notes">
      <Title order={2} fz={16} mb="xs" id="credit-notes">
        {t('invoices.creditNotes')}
      </Title>
      <DataTable
        dense
        label={t('invoices.creditNotes')}
        rows={invoice.credit_notes}
        rowKey={(note) => note.id}
        columns={[
          { key: 'number', title: t('columns.number'), render: (note) => note.number },
          { key: 'issued', title: t('columns.issued'), render: (note) => <When at={note.issued_on} /> },
          { key: 'reason', title: t('columns.reason'), render: (note) => note.reason },
          { key: 'total', title: t('columns.total'), number: true, render: (note) => <Money value={note.total} /> },
        ]}
      />
    </section>
  )
}
