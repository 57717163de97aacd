'use client'

import { useTranslations } from 'next-intl'
import { Money } from '@/components/money'
import { When } from '@/components/when'
import { useToday } from '@/features/company'
import { SubscriptionBadge } from '@/features/subscriptions'
import { invoiceState } from '@/lib/invoice'
import { RowLink, toLicense, toOrder } from '../parts'
import { StateBadge } from '../state-badge'
import { useDomainsOf, useInvoicesOf, useLicensesOf, useMailsOf, useOrdersOf, usePaymentsOf, useSubscriptionsOf } from './queries'
import { Section } from './section'

/** All that a customer has and all that happened with them, the newest of each. */
export function Belongings({ id }: { id: string }) {
  return (
    <>
      <Orders id={id} />
      <Subscriptions id={id} />
      <Licenses id={id} />
      <Domains id={id} />
      <Invoices id={id} />
      <Payments id={id} />
      <Mails id={id} />
    </>
  )
}

const all = (page: string, id: string) => `/admin/${page}?customer=${id}`

function Orders({ id }: { id: string }) {
  const t = useTranslations('staff')
  return (
    <Section
      name="orders"
      query={useOrdersOf(id)}
      all={all('orders', id)}
      rowKey={(row) => row.id}
      columns={[
        {
          key: 'number',
          title: t('columns.order'),
          render: (row) => <RowLink href={toOrder(row.id)}>{row.number ?? t('orders.unnumbered')}</RowLink>,
        },
        { key: 'domains', title: t('columns.domains'), render: (row) => row.domains.join(', ') },
        { key: 'state', title: t('columns.state'), render: (row) => <StateBadge state={row.state} /> },
        { key: 'placed', title: t('columns.placed'), render: (row) => <When at={row.placed_at} time /> },
        { key: 'total', title: t('columns.total'), number: true, render: (row) => <Money value={row.total} /> },
      ]}
    />
  )
}

function Subscriptions({ id }: { id: string }) {
  const t = useTranslations('staff')
  return (
    <Section
      name="subscriptions"
      query={useSubscriptionsOf(id)}
      all={all('subscriptions', id)}
      rowKey={(row) => row.id}
      columns={[
        { key: 'plan', title: t('columns.plan'), render: (row) => <RowLink href={`/admin/subscriptions/${row.id}`}>{row.plan_name}</RowLink> },
        { key: 'domain', title: t('columns.domain'), render: (row) => row.domain ?? '' },
        { key: 'state', title: t('columns.state'), render: (row) => <SubscriptionBadge of={row} /> },
        { key: 'due', title: t('columns.dueOn'), render: (row) => row.next_bill_on && <When at={row.next_bill_on} relative /> },
        { key: 'total', title: t('columns.priceNet'), number: true, render: (row) => <Money value={row.price} /> },
      ]}
    />
  )
}

function Licenses({ id }: { id: string }) {
  const t = useTranslations('staff')
  return (
    <Section
      name="licenses"
      query={useLicensesOf(id)}
      all={all('licenses', id)}
      rowKey={(row) => row.id}
      columns={[
        { key: 'plan', title: t('columns.plan'), render: (row) => <RowLink href={toLicense(row.id)}>{row.plan_name}</RowLink> },
        { key: 'key', title: t('columns.key'), render: (row) => <code className="np-code">{row.key_hint}</code> },
        { key: 'state', title: t('columns.state'), render: (row) => <StateBadge state={row.status} /> },
        { key: 'issued', title: t('columns.issued'), render: (row) => <When at={row.issued_at} /> },
        { key: 'expires', title: t('columns.expires'), render: (row) => <When at={row.expires_at} relative /> },
      ]}
    />
  )
}

function Domains({ id }: { id: string }) {
  const t = useTranslations('staff')
  return (
    <Section
      name="domains"
      query={useDomainsOf(id)}
      all={all('domains', id)}
      rowKey={(row) => row.id}
      columns={[
        { key: 'name', title: t('columns.domain'), render: (row) => <RowLink href={`/admin/domains/${row.id}`}>{row.unicode}</RowLink> },
        { key: 'state', title: t('columns.state'), render: (row) => <StateBadge state={row.status} /> },
        { key: 'registered', title: t('columns.registered'), render: (row) => <When at={row.registered_at} /> },
        { key: 'expires', title: t('columns.expires'), render: (row) => <When at={row.expires_on} relative /> },
      ]}
    />
  )
}

function Invoices({ id }: { id: string }) {
  const t = useTranslations('staff')
  const today = useToday()
  return (
    <Section
      name="invoices"
      query={useInvoicesOf(id)}
      all={all('invoices', id)}
      rowKey={(row) => row.id}
      columns={[
        {
          key: 'number',
          title: t('columns.invoice'),
          render: (row) => <RowLink href={`/admin/invoices/${row.id}`}>{row.number ?? t('invoices.draft')}</RowLink>,
        },
        { key: 'state', title: t('columns.state'), render: (row) => <StateBadge state={invoiceState(row, today)} /> },
        { key: 'issued', title: t('columns.issued'), render: (row) => <When at={row.issued_on} /> },
        { key: 'total', title: t('columns.total'), number: true, render: (row) => <Money value={row.total} /> },
        { key: 'credited', title: t('columns.credited'), number: true, render: (row) => <Money value={row.credited} /> },
        { key: 'due', title: t('columns.due'), number: true, render: (row) => <Money value={row.due} /> },
      ]}
    />
  )
}

function Payments({ id }: { id: string }) {
  const t = useTranslations('staff')
  return (
    <Section
      name="payments"
      query={usePaymentsOf(id)}
      all={all('payments', id)}
      rowKey={(row) => row.id}
      columns={[
        {
          key: 'order',
          title: t('columns.order'),
          render: (row) => (row.order_id ? <RowLink href={toOrder(row.order_id)}>{row.order_number}</RowLink> : t('payments.noOrder')),
        },
        { key: 'state', title: t('columns.state'), render: (row) => <StateBadge state={row.state} /> },
        { key: 'failure', title: t('columns.failure'), render: (row) => row.failure_message ?? row.failure ?? '' },
        { key: 'at', title: t('columns.at'), render: (row) => <When at={row.requested_at} time /> },
        { key: 'amount', title: t('columns.amount'), number: true, render: (row) => <Money value={row.amount} /> },
        { key: 'refunded', title: t('columns.refunded'), number: true, render: (row) => <Money value={row.refunded} /> },
      ]}
    />
  )
}

function Mails({ id }: { id: string }) {
  const t = useTranslations('staff')
  return (
    <Section
      name="notifications"
      query={useMailsOf(id)}
      all={all('notifications', id)}
      rowKey={(row) => row.id}
      columns={[
        { key: 'subject', title: t('columns.subject'), render: (row) => row.subject },
        { key: 'state', title: t('columns.state'), render: (row) => <StateBadge state={row.state} /> },
        { key: 'problem', title: t('columns.problem'), render: (row) => row.problem ?? '' },
        { key: 'sent', title: t('columns.sent'), render: (row) => <When at={row.sent_at} time /> },
      ]}
    />
  )
}
