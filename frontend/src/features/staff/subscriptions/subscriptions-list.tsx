'use client'

import { TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { api, take } from '@/api/client'
import { useCycleWords } from '@/components/cycle-words'
import { useAhead } from '@/components/data-table/ahead'
import type { DeskColumn } from '@/components/data-table/desk-rows'
import { DeskTable } from '@/components/data-table/desk-table'
import { among, useTableState } from '@/components/data-table/table-state'
import { Money } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { When } from '@/components/when'
import { SubscriptionBadge } from '@/features/subscriptions'
import type { Cycle } from '@/lib/cycle'
import { plainAmount } from '@/lib/money'
import { useManagedPlans } from '../catalog/queries'
import { useStates } from '../lists/use-states'
import { NamedCustomer, useNames } from '../names'
import { chosenCustomer, OfCustomer, RowLink } from '../parts'
import { StateBadge } from '../state-badge'
import type { Row } from './queries'

const STATES = ['pending', 'trialing', 'active', 'past_due', 'paused', 'suspended', 'cancelled', 'ended'] as const
const WAYS = ['charge', 'invoice'] as const
const ASIDE = ['yes', 'no'] as const
const DAY = /^\d{4}-\d{2}-\d{2}$/

/** There may be a million: the API narrows them and turns the pages. */
export function SubscriptionsList() {
  const t = useTranslations('upkeep.list')
  const titles = useTranslations('staff.titles')
  const table = useTranslations('staff.table')
  const state = useTableState(['state', 'plan', 'collection', 'aside', 'from', 'until', 'customer'])
  const plans = useManagedPlans().data ?? []
  const { chosen } = state
  const aside = among(ASIDE, chosen.aside)
  const day = (text: string | undefined) => (text && DAY.test(text) ? text : undefined)
  const query = {
    status: among(STATES, chosen.state),
    plan: chosen.plan || undefined,
    collection: among(WAYS, chosen.collection),
    set_aside: aside && aside === 'yes',
    bill_from: day(chosen.from),
    bill_until: day(chosen.until),
    customer_id: chosenCustomer(state),
  }
  const source = useAhead<Row>(
    ['subscriptions', query],
    (cursor, limit) => take(api.GET('/api/v1/subscriptions/', { params: { query: { ...query, cursor, limit } } })),
    state.page,
  )
  return (
    <>
      <PageHeader title={titles('subscriptions')} text={t('text')} />
      <DeskTable
        label={titles('subscriptions')}
        file="subscriptions"
        columns={useColumns(source.rows)}
        source={source}
        state={state}
        rowKey={(row) => row.id}
        filters={[
          { key: 'state', all: table('allStates'), options: useStates(STATES) },
          { key: 'plan', all: t('allPlans'), options: plans.map(({ code, name }) => ({ value: code, label: name })) },
          { key: 'collection', all: t('allWays'), options: WAYS.map((value) => ({ value, label: t(`way.${value}`) })) },
          { key: 'aside', all: t('allErrors'), options: ASIDE.map((value) => ({ value, label: t(`aside.${value}`) })) },
        ]}
        empty={{ title: t('empty'), text: t('emptyText') }}
      >
        {(['from', 'until'] as const).map((name) => (
          <TextInput
            key={name}
            type="date"
            size="sm"
            aria-label={t(`bill_${name}`)}
            title={t(`bill_${name}`)}
            leftSection={<span className="np-aside">{t(`short_${name}`)}</span>}
            leftSectionWidth={52}
            value={chosen[name] ?? ''}
            onChange={(event) => state.choose(name, event.currentTarget.value)}
          />
        ))}
        <OfCustomer state={state} />
      </DeskTable>
    </>
  )
}

function useColumns(rows: Row[] | undefined): DeskColumn<Row>[] {
  const t = useTranslations('upkeep.list')
  const columns = useTranslations('staff.columns')
  const cycles = useCycleWords()
  const names = useNames((rows ?? []).map((row) => row.customer_id))
  return [
    {
      key: 'plan',
      title: columns('plan'),
      value: (row) => row.plan_name,
      render: (row) => <RowLink href={`/admin/subscriptions/${row.id}`}>{row.plan_name}</RowLink>,
    },
    { key: 'domain', title: columns('domain'), value: (row) => row.domain, render: (row) => row.domain ?? '' },
    {
      key: 'customer',
      title: columns('customer'),
      value: (row) => names.get(row.customer_id),
      csv: (row) => row.customer_id,
      render: (row) => <NamedCustomer id={row.customer_id} names={names} />,
    },
    {
      key: 'state',
      title: columns('state'),
      value: (row) => row.status,
      render: (row) => (
        <>
          <SubscriptionBadge of={row} /> {row.billing_error && <StateBadge state="set_aside" />}
        </>
      ),
    },
    {
      key: 'price',
      title: t('price'),
      number: true,
      value: (row) => row.price.amount,
      csv: (row) => plainAmount(row.price),
      render: (row) => <Money value={row.price} />,
    },
    { key: 'currency', title: columns('currency'), hidden: true, csv: (row) => row.price.currency, render: () => null },
    {
      key: 'cycle',
      title: columns('cycle'),
      value: (row) => cycles.name(row.cycle as Cycle),
      render: (row) => cycles.name(row.cycle as Cycle),
    },
    {
      key: 'way',
      title: t('collection'),
      value: (row) => row.collection,
      render: (row) => t(`way.${row.collection === 'charge' ? 'charge' : 'invoice'}`),
    },
    { key: 'next', title: t('next'), value: (row) => row.next_bill_on, render: (row) => row.next_bill_on && <When at={row.next_bill_on} relative /> },
    { key: 'id', title: columns('id'), hidden: true, csv: (row) => row.id, render: () => null },
  ]
}
