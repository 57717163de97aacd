'use client'

import { Button, Group } from '@mantine/core'
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
import { loadPlans, type Plan } from './queries'
import { useThing } from './words'

const KINDS = ['hosting', 'addon', 'product'] as const
const STATES = ['draft', 'on_sale', 'withdrawn'] as const

export function PlansList() {
  const t = useTranslations('catalog')
  const all = useTranslations('staff.table')
  const state = useTableState(['kind', 'state'])
  const source = useWhole<Plan>(['plans'], loadPlans)
  return (
    <>
      <PageHeader title={t('plans.title')} text={t('plans.text')} action={<NewPlan />} />
      <DeskTable
        label={t('plans.title')}
        file="plans"
        columns={useColumns()}
        source={source}
        state={state}
        rowKey={(row) => row.id}
        search={t('plans.search')}
        filters={[
          {
            key: 'kind',
            all: t('plans.allKinds'),
            options: KINDS.map((value) => ({ value, label: t(`kind.${value}`) })),
            test: (row, value) => row.kind === value,
          },
          { key: 'state', all: all('allStates'), options: useCatalogStates(STATES), test: (row, value) => row.state === value },
        ]}
        empty={{ title: t('plans.empty'), text: t('plans.emptyText') }}
      />
    </>
  )
}

function NewPlan() {
  const t = useTranslations('catalog')
  if (!useMay('catalog.manage')) return null
  return (
    <Group gap="xs">
      {KINDS.map((kind) => (
        <Button key={kind} component={Link} href={`/admin/plans/new?kind=${kind}`} size="sm" variant={kind === 'hosting' ? 'filled' : 'default'}>
          {t(`plans.new.${kind}`)}
        </Button>
      ))}
    </Group>
  )
}

function useColumns(): DeskColumn<Plan>[] {
  const t = useTranslations('catalog')
  const thing = useThing()
  const limits = (row: Plan) =>
    Object.entries(row.limits)
      .map(([name, limit]) => `${thing(name)} ${limit ?? t('limits.unlimited')}`)
      .join(' · ')
  return [
    {
      key: 'name',
      title: t('columns.name'),
      value: (row) => row.name,
      render: (row) => <RowLink href={`/admin/plans/${row.id}`}>{row.name}</RowLink>,
    },
    { key: 'code', title: t('columns.code'), value: (row) => row.code, render: (row) => <code className="np-code">{row.code}</code> },
    { key: 'kind', title: t('columns.kind'), value: (row) => t(`kind.${row.kind}`), render: (row) => t(`kind.${row.kind}`) },
    { key: 'state', title: t('columns.state'), value: (row) => t(`state.${row.state}`), render: (row) => <CatalogBadge state={row.state} /> },
    { key: 'limits', title: t('columns.limits'), value: limits, render: (row) => <span className="np-aside">{limits(row)}</span> },
    {
      key: 'stock',
      title: t('columns.stock'),
      number: true,
      value: (row) => row.stock_left,
      render: (row) => row.stock_left ?? t('stock.endless'),
    },
    {
      key: 'trial',
      title: t('columns.trial'),
      number: true,
      value: (row) => row.trial_days,
      render: (row) => (row.trial_days > 0 ? t('plans.days', { count: row.trial_days }) : '–'),
    },
  ]
}
