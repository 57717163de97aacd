'use client'

import { Stack, Text, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { api, type Schemas, take } from '@/api/client'
import { useShownPages } from '@/api/pages'
import { DataTable } from '@/components/data-table'
import { EmptyState } from '@/components/empty-state'
import { MoreButton } from '@/components/form/more-button'
import { Money } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { Trouble } from '@/components/trouble'
import { When } from '@/components/when'
import { RowLink, SideLink } from '../parts'
import classes from './invoices.module.css'
import { useAgeing } from './queries'

type Row = Schemas['AgeingBody']
const AGES = ['not_due', 'days_0_30', 'days_31_60', 'days_61_90', 'days_over_90'] as const

/** What is owed, by how long it has been due: of all, then by customer. */
export function AgeingPage() {
  const t = useTranslations('staff.titles')
  const words = useTranslations('desk.ageing')
  const totals = useAgeing()
  const owing = useShownPages<Row>(['staff', 'ageing'], (cursor, limit) =>
    take(api.GET('/api/v1/admin/invoices/ageing', { params: { query: { cursor, limit } } })),
  )
  const error = totals.error ?? owing.error
  const nothing = totals.data?.totals.length === 0
  return (
    <>
      <PageHeader
        title={t('ageing')}
        back={{ href: '/admin/invoices', label: t('invoices') }}
        text={
          totals.data && (
            <>
              {words('asOf')} <When at={totals.data.on} />. {words('text')}
            </>
          )
        }
      />
      {error && <Trouble error={error} retry={() => void totals.refetch()} />}
      {nothing && <EmptyState title={words('empty')} text={words('emptyText')} />}
      {!error && !nothing && (
        <Stack gap="lg">
          <Totals rows={totals.data?.totals ?? []} />
          <Owing rows={owing.rows} />
          <MoreButton hasMore={owing.hasMore} loading={owing.loading} more={owing.more} />
        </Stack>
      )}
    </>
  )
}

function Totals({ rows }: { rows: Row[] }) {
  const words = useTranslations('desk.ageing')
  return rows.map((row) => (
    <section key={row.due.currency} aria-label={words('of', { currency: row.due.currency })}>
      <Title order={2} fz={16} mb="xs">
        {words('of', { currency: row.due.currency })}
      </Title>
      <div className={classes.tiles}>
        <Tile name={words('due')} value={row.due} href={`/admin/invoices?state=open&currency=${row.due.currency}&by=due`} />
        {AGES.map((age) => (
          <Tile key={age} name={words(age)} value={row[age]} />
        ))}
      </div>
    </section>
  ))
}

function Tile({ name, value, href }: { name: string; value: Schemas['MoneyBody']; href?: string }) {
  return (
    <div
      className={classes.tile}
      style={{ background: 'var(--mantine-color-default)', border: '1px solid var(--np-line)', borderRadius: 'var(--mantine-radius-lg)' }}
    >
      <span className={classes.tileName}>{href ? <SideLink href={href}>{name}</SideLink> : name}</span>
      <span className={classes.tileFigure}>
        <Money value={value} />
      </span>
    </div>
  )
}

function Owing({ rows }: { rows: Row[] | undefined }) {
  const t = useTranslations('staff.columns')
  const words = useTranslations('desk.ageing')
  return (
    <section aria-labelledby="owing">
      <Title order={2} fz={16} mb="xs" id="owing">
        {words('customers')}
      </Title>
      <DataTable
        dense
        label={words('customers')}
        rows={rows}
        rowKey={(row) => `${row.customer_id}${row.due.currency}`}
        columns={[
          {
            key: 'customer',
            title: t('customer'),
            render: (row) => <RowLink href={`/admin/invoices?customer=${row.customer_id}&by=due`}>{row.customer_name ?? row.customer_id}</RowLink>,
          },
          ...AGES.map((age) => ({
            key: age,
            title: words(age),
            number: true,
            render: (row: Row) =>
              row[age].amount ? (
                <Money value={row[age]} />
              ) : (
                <Text span c="dimmed" fz="inherit">
                  –
                </Text>
              ),
          })),
          { key: 'due', title: words('due'), number: true, render: (row) => <Money value={row.due} /> },
        ]}
      />
    </section>
  )
}
