'use client'

import { Badge, Group } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { api, type Schemas, take } from '@/api/client'
import type { DeskColumn } from '@/components/data-table/desk-rows'
import { DeskTable } from '@/components/data-table/desk-table'
import { useTableState } from '@/components/data-table/table-state'
import { useWhole } from '@/components/data-table/whole'
import { PageHeader } from '@/components/page-header'
import { When } from '@/components/when'
import { RowLink, toCustomer } from '../parts'

type Row = Schemas['CustomerItemBody']

export function CustomersList() {
  const t = useTranslations('staff')
  const state = useTableState(['status', 'login'])
  const q = state.q || undefined
  const source = useWhole<Row>(['customers', q], (cursor, limit) =>
    take(api.GET('/api/v1/admin/customers', { params: { query: { q, cursor, limit } } })),
  )
  const loginStates = ['verified', 'unverified', 'disabled'] as const
  return (
    <>
      <PageHeader title={t('titles.customers')} />
      <DeskTable
        label={t('titles.customers')}
        file="customers"
        columns={useColumns()}
        source={source}
        state={state}
        rowKey={(row) => row.id}
        search={t('customers.search')}
        searchedByApi
        filters={[
          {
            key: 'status',
            all: t('customers.allKinds'),
            options: (['consumer', 'business'] as const).map((value) => ({ value, label: t(`customers.${value}`) })),
            test: (row, value) => row.status === value,
          },
          {
            key: 'login',
            all: t('customers.allLogins'),
            options: loginStates.map((value) => ({ value, label: t(`customers.${value}`) })),
            test: (row, value) => loginOf(row) === value,
          },
        ]}
        empty={{ title: t('customers.empty'), text: t('customers.emptyText') }}
      />
    </>
  )
}

function loginOf(row: Row): 'verified' | 'unverified' | 'disabled' {
  if (row.disabled) return 'disabled'
  return row.email_verified ? 'verified' : 'unverified'
}

function useColumns(): DeskColumn<Row>[] {
  const t = useTranslations('staff')
  return [
    {
      key: 'number',
      title: t('columns.number'),
      value: (row) => row.number,
      render: (row) => <RowLink href={toCustomer(row.id)}>{row.number}</RowLink>,
    },
    { key: 'name', title: t('columns.name'), value: (row) => row.name, render: (row) => row.name },
    { key: 'company', title: t('columns.company'), value: (row) => row.company, render: (row) => row.company ?? '' },
    { key: 'email', title: t('columns.email'), value: (row) => row.email, render: (row) => row.email },
    { key: 'status', title: t('columns.kind'), value: (row) => t(`customers.${row.status}`), render: (row) => t(`customers.${row.status}`) },
    { key: 'country', title: t('columns.country'), value: (row) => row.country, render: (row) => row.country ?? '' },
    {
      key: 'login',
      title: t('columns.login'),
      value: (row) => t(`customers.${loginOf(row)}`),
      render: (row) => (
        <Group component="span" gap={4}>
          <Badge variant="light" radius="sm" tt="none" color={{ verified: 'green', unverified: 'orange', disabled: 'red' }[loginOf(row)]}>
            {t(`customers.${loginOf(row)}`)}
          </Badge>
        </Group>
      ),
    },
    { key: 'created', title: t('columns.since'), value: (row) => row.created_at, render: (row) => <When at={row.created_at} /> },
  ]
}
