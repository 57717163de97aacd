'use client'

import { Button } from '@mantine/core'
import { useTranslations } from 'next-intl'
import type { DeskColumn } from '@/components/data-table/desk-rows'
import { DeskTable } from '@/components/data-table/desk-table'
import { useTableState } from '@/components/data-table/table-state'
import { useWhole } from '@/components/data-table/whole'
import Link from '@/components/link'
import { PageHeader } from '@/components/page-header'
import { When } from '@/components/when'
import { useToday } from '@/features/company'
import { RowLink } from '../parts'
import { useMay } from '../queries'
import { CatalogBadge, useCatalogStates } from './badges'
import { Remaining, useDiscount, usePeriods } from './coupon-words'
import { type Coupon, loadCoupons } from './queries'
import { couponStanding } from './versions'

const STATES = ['active', 'coming', 'used_up', 'expired', 'withdrawn'] as const

export function CouponsList() {
  const t = useTranslations('catalog')
  const all = useTranslations('staff.table')
  const may = useMay('catalog.manage')
  const today = useToday()
  const state = useTableState(['state'])
  const source = useWhole<Coupon>(['coupons'], loadCoupons)
  const action = may && (
    <Button component={Link} href="/admin/coupons/new" size="sm">
      {t('coupons.make')}
    </Button>
  )
  return (
    <>
      <PageHeader title={t('coupons.title')} text={t('coupons.text')} action={action} />
      <DeskTable
        label={t('coupons.title')}
        file="coupons"
        columns={useColumns()}
        source={source}
        state={state}
        rowKey={(row) => row.id}
        search={t('coupons.search')}
        filters={[
          {
            key: 'state',
            all: all('allStates'),
            options: useCatalogStates(STATES),
            test: (row, value) => couponStanding(row, today) === value,
          },
        ]}
        empty={{ title: t('coupons.empty'), text: t('coupons.emptyText') }}
      />
    </>
  )
}

function useColumns(): DeskColumn<Coupon>[] {
  const t = useTranslations('catalog')
  const discount = useDiscount()
  const periods = usePeriods()
  const today = useToday()
  const standing = (row: Coupon) => couponStanding(row, today)
  return [
    {
      key: 'code',
      title: t('columns.code'),
      value: (row) => row.code,
      render: (row) => <RowLink href={`/admin/coupons/${row.id}`}>{row.code}</RowLink>,
    },
    { key: 'name', title: t('columns.name'), value: (row) => row.name, render: (row) => row.name },
    { key: 'discount', title: t('coupons.discount'), value: discount, render: discount },
    { key: 'periods', title: t('coupons.periods'), value: (row) => periods(row), render: (row) => periods(row) },
    { key: 'state', title: t('columns.state'), value: (row) => t(`state.${standing(row)}`), render: (row) => <CatalogBadge state={standing(row)} /> },
    {
      key: 'used',
      title: t('coupons.used'),
      value: (row) => row.used_count,
      render: (row) => <Remaining coupon={row} />,
    },
    { key: 'from', title: t('coupons.from'), value: (row) => row.valid_from, render: (row) => (row.valid_from ? <When at={row.valid_from} /> : '–') },
    {
      key: 'until',
      title: t('coupons.until'),
      value: (row) => row.valid_until,
      render: (row) => (row.valid_until ? <When at={row.valid_until} relative /> : '–'),
    },
  ]
}
