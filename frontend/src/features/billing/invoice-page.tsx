'use client'

import { Button, Card, Group, SimpleGrid, Skeleton, Stack, Title } from '@mantine/core'
import { IconFileInvoice, IconPrinter } from '@tabler/icons-react'
import { useLocale, useTranslations } from 'next-intl'
import type { Schemas } from '@/api/client'
import { DataTable } from '@/components/data-table'
import { Facts } from '@/components/facts'
import Link from '@/components/link'
import { Money, useMoney } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { Party } from '@/components/party'
import { ProblemAlert } from '@/components/problem-alert'
import { StatusBadge } from '@/components/status-badge'
import { When } from '@/components/when'
import { countryName } from '@/lib/address'
import { useInvoice, usePayInvoice } from './queries'

type Invoice = Schemas['InvoiceBody']

export function InvoicePage({ id }: { id: string }) {
  const t = useTranslations('account.invoices')
  const { data: invoice, error, refetch } = useInvoice(id)
  const back = { href: '/invoices', label: t('title') }
  if (!invoice)
    return (
      <>
        <PageHeader title={t('invoice')} back={back} />
        {error ? <ProblemAlert error={error} retry={() => refetch()} /> : <Skeleton height={320} radius="lg" />}
      </>
    )
  const print = (
    <Group gap="xs" className="np-noprint">
      {invoice.number && (
        <Button component="a" href={`/api/v1/invoices/${id}/pdf`} target="_blank" size="sm" leftSection={<IconFileInvoice size={16} aria-hidden />}>
          {t('pdf')}
        </Button>
      )}
      <Button variant="default" size="sm" leftSection={<IconPrinter size={16} aria-hidden />} onClick={() => window.print()}>
        {t('print')}
      </Button>
    </Group>
  )
  return (
    <>
      <PageHeader title={invoice.number ?? t('draft')} badge={<StatusBadge state={invoice.state} />} back={back} action={print} />
      <Stack>
        {invoice.state === 'open' && invoice.due.amount > 0 && <Pay invoice={invoice} />}
        <Parties invoice={invoice} />
        <Lines invoice={invoice} />
        <Totals invoice={invoice} />
        {invoice.credit_notes.length > 0 && <CreditNotes invoice={invoice} />}
      </Stack>
    </>
  )
}

function Pay({ invoice }: { invoice: Invoice }) {
  const t = useTranslations('account.invoices')
  const money = useMoney()
  const pay = usePayInvoice(invoice.id)
  return (
    <Stack gap="sm" align="flex-start">
      {pay.error && <ProblemAlert error={pay.error} />}
      <Button onClick={() => pay.mutate()} loading={pay.isPending}>
        {t('pay', { total: money(invoice.due) })}
      </Button>
    </Stack>
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
            [t('dueOn'), invoice.due_on && <When key="d" at={invoice.due_on} />],
            [t('paidAt'), invoice.paid_at && <When key="p" at={invoice.paid_at} />],
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
    render: (line: Invoice['lines'][number]) => <Money value={line.discount} />,
  }
  return (
    <DataTable
      label={t('lines')}
      rows={invoice.lines}
      rowKey={(line) => line.id}
      columns={[
        { key: 'what', title: t('what'), render: (line) => line.description },
        {
          key: 'period',
          title: t('period'),
          render: (line) =>
            line.period ? (
              <>
                <When at={line.period.start} /> – <When at={line.period.end} />
              </>
            ) : (
              ''
            ),
        },
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
  return (
    <Group justify="flex-end">
      <Card w={{ base: '100%', xs: 380 }}>
        <Facts
          of={[
            [t('net'), <Money key="n" value={invoice.net} />],
            [notes || t('tax'), <Money key="t" value={invoice.tax} />],
            [
              t('total'),
              <strong key="s">
                <Money value={invoice.total} />
              </strong>,
            ],
            [t('paid'), <Money key="p" value={invoice.paid} />],
            [t('credited'), invoice.credited.amount > 0 && <Money key="c" value={invoice.credited} />],
            [
              t('due'),
              <strong key="d">
                <Money value={invoice.due} />
              </strong>,
            ],
          ]}
        />
      </Card>
    </Group>
  )
}

function CreditNotes({ invoice }: { invoice: Invoice }) {
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
        ]}
      />
    </section>
  )
}
