'use client'

import { Button, Card, Group, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core'
import { IconPrinter } from '@tabler/icons-react'
import { useLocale, useTranslations } from 'next-intl'
import type { Schemas } from '@/api/client'
import { DataTable } from '@/components/data-table'
import { Facts } from '@/components/facts'
import Link from '@/components/link'
import { Money } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { Party } from '@/components/party'
import { ProblemAlert } from '@/components/problem-alert'
import { StatusBadge } from '@/components/status-badge'
import { When } from '@/components/when'
import { useToday } from '@/features/company'
import { countryName } from '@/lib/address'
import { lastDay } from '@/lib/day'
import { invoiceState } from '@/lib/invoice'
import { FileButton } from './file-button'
import { CreditNotes, Payments } from './invoice-papers'
import { PayInvoice } from './pay-invoice'
import { useInvoice } from './queries'

type Invoice = Schemas['InvoiceBody']

export function InvoicePage({ id }: { id: string }) {
  const t = useTranslations('account.invoices')
  const { data: invoice, error, refetch } = useInvoice(id)
  const today = useToday()
  const back = { href: '/invoices', label: t('title') }
  if (!invoice)
    return (
      <>
        <PageHeader title={t('invoice')} back={back} />
        {error ? <ProblemAlert error={error} retry={() => refetch()} /> : <Skeleton height={320} radius="lg" />}
      </>
    )
  const files = (
    <Group gap="xs" className="np-noprint">
      {invoice.number && (
        <>
          <FileButton path={`/api/v1/invoices/${id}/pdf`} label={t('pdf')} what={invoice.number} variant="filled" />
          <FileButton path={`/api/v1/invoices/${id}/xml`} label={t('xml')} what={invoice.number} />
        </>
      )}
      <Button variant="default" size="sm" leftSection={<IconPrinter size={16} aria-hidden />} onClick={() => window.print()}>
        {t('print')}
      </Button>
    </Group>
  )
  return (
    <>
      <PageHeader title={invoice.number ?? t('draft')} badge={<StatusBadge state={invoiceState(invoice, today)} />} back={back} action={files} />
      <Stack>
        {['open', 'uncollectible'].includes(invoice.state) && invoice.due.amount > 0 && <PayInvoice invoice={invoice} />}
        <Parties invoice={invoice} />
        <Lines invoice={invoice} />
        {invoice.notes && <Text className="np-break">{invoice.notes}</Text>}
        <Totals invoice={invoice} />
        {invoice.payments.length > 0 && <Payments invoice={invoice} />}
        {invoice.credit_notes.length > 0 && <CreditNotes invoice={invoice} />}
      </Stack>
    </>
  )
}

function Parties({ invoice }: { invoice: Invoice }) {
  const t = useTranslations('account.invoices')
  const locale = useLocale()
  const { seller, buyer } = invoice
  const place = [
    buyer.address_line_1,
    buyer.address_line_2,
    [buyer.postal_code, buyer.city].filter(Boolean).join(' '),
    buyer.state,
    countryName(buyer.country, locale),
  ]
  return (
    <Card>
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <Party title={t('from')} lines={[seller.name, seller.address, countryName(seller.country, locale), seller.email, seller.tax_id]} />
        <Party title={t('to')} lines={[buyer.company, buyer.name, ...place, buyer.tax_id]} />
        <Facts
          of={[
            [t('issued'), <When key="i" at={invoice.issued_on} />],
            [t('dueOn'), invoice.due_on && <When key="d" at={invoice.due_on} relative={invoice.due.amount > 0} />],
            [t('paidAt'), invoice.paid_at && <When key="p" at={invoice.paid_at} />],
            [t('buyerReference'), invoice.buyer_reference],
            [t('orderNumber'), invoice.order_number],
            [
              t('order'),
              invoice.origin_type === 'orders.order' && (
                <Link key="o" href={`/orders/${invoice.origin_id}`}>
                  {t('toOrder')}
                </Link>
              ),
            ],
          ]}
        />
      </SimpleGrid>
    </Card>
  )
}

function Lines({ invoice }: { invoice: Invoice }) {
  const t = useTranslations('account.invoices')
  const discounted = invoice.lines.some((line) => line.discount.amount > 0)
  const discount = {
    key: 'discount',
    title: t('discount'),
    number: true,
    render: (line: Invoice['lines'][number]) => (
      <>
        <Money value={line.discount} />
        {line.discount_note && <div className="np-aside">{line.discount_note}</div>}
      </>
    ),
  }
  const period = {
    key: 'period',
    title: t('period'),
    render: (line: Invoice['lines'][number]) =>
      line.period && (
        <>
          <When at={line.period.start} /> – <When at={lastDay(line.period.end)} />
        </>
      ),
  }
  return (
    <DataTable
      label={t('lines')}
      rows={invoice.lines}
      rowKey={(line) => line.id}
      columns={[
        { key: 'what', title: t('what'), render: (line) => line.description },
        ...(invoice.lines.some((line) => line.period) ? [period] : []),
        { key: 'quantity', title: t('quantity'), number: true, render: (line) => line.quantity },
        ...(discounted ? [discount] : []),
        { key: 'net', title: t('net'), number: true, render: (line) => <Money value={line.net} /> },
        { key: 'tax', title: t('tax'), number: true, render: (line) => <Money value={line.tax} /> },
      ]}
    />
  )
}

function Totals({ invoice }: { invoice: Invoice }) {
  const t = useTranslations('account.invoices')
  const notes = [...new Set(invoice.lines.map((line) => line.tax_note).filter(Boolean))].join(', ')
  const { credited, written_off: writtenOff } = invoice
  return (
    <Group justify="flex-end">
      <Card w={{ base: '100%', xs: 420 }}>
        <Row text={t('net')} value={invoice.net} />
        <Row text={notes || t('tax')} value={invoice.tax} />
        <Row text={t('total')} value={invoice.total} strong />
        <Row text={t('paid')} value={invoice.paid} />
        {credited.amount > 0 && <Row text={t('credited')} value={credited} />}
        {writtenOff.amount > 0 && <Row text={t('writtenOff')} value={writtenOff} />}
        <Row text={t('due')} value={invoice.due} strong />
      </Card>
    </Group>
  )
}

/** A sum of the invoice: sums stand below each other at the right. */
function Row({ text, value, strong }: { text: string; value: Invoice['total']; strong?: boolean }) {
  return (
    <Group justify="space-between" align="flex-start" wrap="nowrap" py={6} fw={strong ? 650 : undefined}>
      <Text inherit c={strong ? undefined : 'dimmed'}>
        {text}
      </Text>
      <Money value={value} />
    </Group>
  )
}
