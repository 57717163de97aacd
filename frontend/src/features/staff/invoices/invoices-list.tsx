'use client'

import { Button, Group, NativeSelect, Switch, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useTranslations } from 'next-intl'
import { api, type Schemas, take } from '@/api/client'
import { useAhead } from '@/components/data-table/ahead'
import type { DeskColumn } from '@/components/data-table/desk-rows'
import { DeskTable } from '@/components/data-table/desk-table'
import { among, type TableState, useTableState } from '@/components/data-table/table-state'
import Link from '@/components/link'
import { Money } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { When } from '@/components/when'
import { useToday } from '@/features/company'
import { invoiceState } from '@/lib/invoice'
import { plainAmount } from '@/lib/money'
import { useStates } from '../lists/use-states'
import { chosenCustomer, OfCustomer, RowLink, SideLink, toCustomer, toOrder } from '../parts'
import { useMay } from '../queries'
import { StateBadge } from '../state-badge'
import { saveAs } from './files'
import classes from './invoices.module.css'

type Row = Schemas['InvoiceItem']
const STATES = ['draft', 'open', 'paid', 'void', 'uncollectible'] as const
const SORTS = ['newest', 'oldest', 'due', 'largest'] as const
const OPEN = 'open'
const OF_OPEN: ReadonlySet<string> = new Set(['due', 'largest'])
const SHORTEST = 2
const DAY = /^\d{4}-\d{2}-\d{2}$/
const CODE = /^[A-Z]{3}$/

export function InvoicesList() {
  const t = useTranslations('staff')
  const words = useTranslations('desk.list')
  const state = useTableState(['state', 'customer', 'currency', 'overdue', 'from', 'until', 'by'])
  const query = queryOf(state)
  const source = useAhead<Row>(
    ['invoices', query],
    (cursor, limit) => take(api.GET('/api/v1/admin/invoices', { params: { query: { ...query, cursor, limit } } })),
    state.page,
  )
  return (
    <>
      <PageHeader title={t('titles.invoices')} action={<Actions />} />
      <DeskTable
        label={t('titles.invoices')}
        file="invoices"
        columns={useColumns()}
        source={source}
        state={state}
        rowKey={(row) => row.id}
        search={words('search')}
        searchedByApi
        save={() => saveAs('invoices.csv', () => take(api.GET('/api/v1/admin/invoices/export', { params: { query }, parseAs: 'blob' })))}
        filters={[{ key: 'state', all: t('table.allStates'), options: useStates(STATES) }]}
        empty={{ title: t('invoices.empty'), text: words('emptyText') }}
      >
        <Narrow state={state} />
        <OfCustomer state={state} />
      </DeskTable>
    </>
  )
}

/** The address may say anything; the API is asked for what it knows. */
function queryOf(state: TableState) {
  const { chosen, q } = state
  const day = (value: string | undefined) => (value && DAY.test(value) ? value : undefined)
  return {
    state: among(STATES, chosen.state),
    customer_id: chosenCustomer(state),
    currency: chosen.currency && CODE.test(chosen.currency) ? chosen.currency : undefined,
    overdue: chosen.overdue === 'yes' || undefined,
    issued_from: day(chosen.from),
    issued_until: day(chosen.until),
    q: q.trim().length >= SHORTEST ? q.trim() : undefined,
    sort: among(sortsOf(state), chosen.by),
  }
}

/** Only what is open is to be paid. */
function sortsOf({ chosen }: TableState) {
  return SORTS.filter((sort) => !OF_OPEN.has(sort) || !chosen.state || chosen.state === OPEN)
}

function Actions() {
  const words = useTranslations('desk.list')
  const may = useMay('invoices.manage')
  return (
    <Group gap="xs">
      <Button variant="default" size="sm" component={Link} href="/admin/invoices/ageing">
        {words('owed')}
      </Button>
      <Button variant="default" size="sm" component={Link} href="/admin/invoices/figures">
        {words('figures')}
      </Button>
      {may && (
        <Button size="sm" leftSection={<IconPlus size={16} aria-hidden />} component={Link} href="/admin/invoices/new">
          {words('new')}
        </Button>
      )}
    </Group>
  )
}

function Narrow({ state }: { state: TableState }) {
  const words = useTranslations('desk.list')
  return (
    <div className={classes.dates}>
      <NativeSelect
        size="sm"
        aria-label={words('sort')}
        value={among(sortsOf(state), state.chosen.by) ?? 'newest'}
        onChange={(event) => state.choose('by', event.currentTarget.value === 'newest' ? '' : event.currentTarget.value)}
        data={sortsOf(state).map((value) => ({ value, label: words(`sort_${value}`) }))}
      />
      <TextInput
        size="sm"
        type="date"
        aria-label={words('from')}
        title={words('from')}
        value={state.chosen.from}
        onChange={(event) => state.choose('from', event.currentTarget.value)}
      />
      <TextInput
        size="sm"
        type="date"
        aria-label={words('until')}
        title={words('until')}
        value={state.chosen.until}
        onChange={(event) => state.choose('until', event.currentTarget.value)}
      />
      <TextInput
        size="sm"
        w={92}
        aria-label={words('currency')}
        placeholder={words('currency')}
        maxLength={3}
        defaultValue={state.chosen.currency}
        onBlur={(event) => state.choose('currency', event.currentTarget.value.trim().toUpperCase())}
      />
      <Switch
        label={words('overdue')}
        checked={state.chosen.overdue === 'yes'}
        onChange={(event) => state.choose('overdue', event.currentTarget.checked ? 'yes' : '')}
        my={8}
      />
    </div>
  )
}

function useColumns(): DeskColumn<Row>[] {
  const t = useTranslations('staff')
  const today = useToday()
  const money = (key: 'net' | 'tax' | 'total' | 'due' | 'credited'): DeskColumn<Row> => ({
    key,
    title: t(`columns.${key}`),
    number: true,
    csv: (row) => Number(plainAmount(row[key])),
    render: (row) => <Money value={row[key]} />,
  })
  const draft = t('invoices.draft')
  return [
    {
      key: 'number',
      title: t('columns.invoice'),
      csv: (row) => row.number ?? draft,
      render: (row) => <RowLink href={`/admin/invoices/${row.id}`}>{row.number ?? draft}</RowLink>,
    },
    {
      key: 'state',
      title: t('columns.state'),
      csv: (row) => row.state,
      render: (row) => <StateBadge state={invoiceState(row, today)} />,
    },
    {
      key: 'of',
      title: t('columns.of'),
      csv: (row) => row.buyer_name,
      render: (row) => (
        <>
          <SideLink href={toCustomer(row.customer_id)} label={t('invoices.customerOf', { name: row.buyer_name, number: row.number ?? draft })}>
            {row.buyer_name}
          </SideLink>
          {row.origin_type === 'orders.order' && (
            <>
              {' · '}
              <SideLink href={toOrder(row.origin_id)} label={t('invoices.orderOf', { number: row.number ?? draft })}>
                {t('columns.order')}
              </SideLink>
            </>
          )}
        </>
      ),
    },
    { key: 'issued', title: t('columns.issued'), csv: (row) => row.issued_on, render: (row) => <When at={row.issued_on} /> },
    { key: 'dueOn', title: t('columns.dueOn'), csv: (row) => row.due_on, render: (row) => <When at={row.due_on} /> },
    money('net'),
    money('tax'),
    money('total'),
    money('credited'),
    money('due'),
    { key: 'currency', title: t('columns.currency'), hidden: true, csv: (row) => row.total.currency, render: () => null },
  ]
}
