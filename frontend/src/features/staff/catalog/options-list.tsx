'use client'

import { Button } from '@mantine/core'
import { useTranslations } from 'next-intl'
import type { DeskColumn } from '@/components/data-table/desk-rows'
import { DeskTable } from '@/components/data-table/desk-table'
import { useTableState } from '@/components/data-table/table-state'
import { useWhole } from '@/components/data-table/whole'
import Link from '@/components/link'
import { PageHeader } from '@/components/page-header'
import { RowLink } from '../parts'
import { useMay } from '../queries'
import { CatalogBadge, useCatalogStates } from './badges'
import { loadOptions, type Option } from './queries'

const STATES = ['on_sale', 'withdrawn'] as const
const KINDS = ['choice', 'quantity'] as const

export function OptionsList() {
  const t = useTranslations('catalog')
  const all = useTranslations('staff.table')
  const may = useMay('catalog.manage')
  const state = useTableState(['kind', 'state'])
  const source = useWhole<Option>(['options'], loadOptions)
  const action = may && (
    <Button component={Link} href="/admin/options/new" size="sm">
      {t('options.make')}
    </Button>
  )
  return (
    <>
      <PageHeader title={t('options.title')} text={t('options.text')} action={action} />
      <DeskTable
        label={t('options.title')}
        file="options"
        columns={useColumns()}
        source={source}
        state={state}
        rowKey={(row) => row.id}
        search={t('options.search')}
        filters={[
          {
            key: 'kind',
            all: t('plans.allKinds'),
            options: KINDS.map((value) => ({ value, label: t(`options.${value}`) })),
            test: (row, value) => row.kind === value,
          },
          { key: 'state', all: all('allStates'), options: useCatalogStates(STATES), test: (row, value) => row.state === value },
        ]}
        empty={{ title: t('options.empty'), text: t('options.emptyText') }}
      />
    </>
  )
}

function useColumns(): DeskColumn<Option>[] {
  const t = useTranslations('catalog')
  const offered = (row: Option) => row.values.filter((value) => value.state === 'on_sale').map((value) => value.name)
  return [
    {
      key: 'name',
      title: t('columns.name'),
      value: (row) => row.name,
      render: (row) => <RowLink href={`/admin/options/${row.id}`}>{row.name}</RowLink>,
    },
    { key: 'code', title: t('columns.code'), value: (row) => row.code, render: (row) => <code className="np-code">{row.code}</code> },
    { key: 'kind', title: t('columns.kind'), value: (row) => t(`options.${row.kind}`), render: (row) => t(`options.${row.kind}`) },
    { key: 'state', title: t('columns.state'), value: (row) => t(`state.${row.state}`), render: (row) => <CatalogBadge state={row.state} /> },
    { key: 'values', title: t('columns.values'), value: (row) => offered(row).join(', '), render: (row) => offered(row).join(', ') },
    {
      key: 'pieces',
      title: t('columns.pieces'),
      value: (row) => (row.kind === 'quantity' ? `${row.minimum}–${row.maximum}` : ''),
      render: (row) => (row.kind === 'quantity' ? `${row.minimum}–${row.maximum}` : '–'),
    },
    { key: 'required', title: t('columns.required'), value: (row) => String(row.required), render: (row) => t(row.required ? 'yes' : 'no') },
  ]
}
