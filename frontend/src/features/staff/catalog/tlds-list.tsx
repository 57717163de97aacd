'use client'

import { Button, NativeSelect } from '@mantine/core'
import dynamic from 'next/dynamic'
import { useFormatter, useTranslations } from 'next-intl'
import { useState } from 'react'
import type { DeskColumn } from '@/components/data-table/desk-rows'
import { DeskTable } from '@/components/data-table/desk-table'
import { useTableState } from '@/components/data-table/table-state'
import { useWhole } from '@/components/data-table/whole'
import { Money } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { useCompany, useToday } from '@/features/company'
import { plainAmount } from '@/lib/money'
import { RowLink } from '../parts'
import { useMay } from '../queries'
import { CatalogBadge, useCatalogStates } from './badges'
import { loadTlds, type PriceVersion, type Tld } from './queries'
import { placed } from './versions'

const TldDialog = dynamic(() => import('./tld-dialogs').then((found) => found.TldDialog), { ssr: false })
const STATES = ['on_sale', 'withdrawn'] as const
const OPERATIONS = ['register', 'renew', 'transfer'] as const
type Operation = (typeof OPERATIONS)[number]

export function TldsList() {
  const t = useTranslations('catalog')
  const all = useTranslations('staff.table')
  const may = useMay('catalog.manage')
  const company = useCompany()
  const state = useTableState(['state', 'currency'])
  const [making, setMaking] = useState(false)
  const source = useWhole<Tld>(['tlds'], loadTlds)
  const currencies = [...new Set([company.currency, ...(source.rows ?? []).flatMap((row) => row.prices.map((price) => price.price.currency))])]
  const chosen = currencies.find((currency) => currency === state.chosen.currency) ?? company.currency
  const action = may && (
    <Button size="sm" onClick={() => setMaking(true)}>
      {t('tlds.make')}
    </Button>
  )
  return (
    <>
      <PageHeader title={t('tlds.title')} text={t('tlds.text')} action={action} />
      <DeskTable
        label={t('tlds.title')}
        file="domain-endings"
        columns={useColumns(chosen)}
        source={source}
        state={state}
        rowKey={(row) => row.id}
        search={t('tlds.search')}
        filters={[{ key: 'state', all: all('allStates'), options: useCatalogStates(STATES), test: (row, value) => row.state === value }]}
        empty={{ title: t('tlds.empty'), text: t('tlds.emptyText') }}
      >
        <NativeSelect
          size="sm"
          aria-label={t('prices.currency')}
          value={chosen}
          data={currencies}
          onChange={(event) => state.choose('currency', event.currentTarget.value === company.currency ? '' : event.currentTarget.value)}
        />
      </DeskTable>
      {making && <TldDialog onClose={() => setMaking(false)} />}
    </>
  )
}

/** The price of one year that is in force, in a currency. */
function priceOf(row: Tld, operation: Operation, currency: string, on: string): PriceVersion | undefined {
  const fits = (price: PriceVersion) => price.operation === operation && price.years === 1 && price.price.currency === currency
  return placed(row.prices, on).find((price) => price.standing === 'in_force' && fits(price))
}

function useColumns(currency: string): DeskColumn<Tld>[] {
  const t = useTranslations('catalog')
  const format = useFormatter()
  const today = useToday()
  const priced = (operation: Operation): DeskColumn<Tld> => ({
    key: operation,
    title: t(`tlds.${operation}`),
    number: true,
    value: (row) => priceOf(row, operation, currency, today)?.price.amount,
    csv: (row) => {
      const found = priceOf(row, operation, currency, today)
      return found && plainAmount(found.price)
    },
    render: (row) => {
      const found = priceOf(row, operation, currency, today)
      return found ? <Money value={found.price} /> : '–'
    },
  })
  const margin = (row: Tld) => priceOf(row, 'register', currency, today)?.margin_ppm ?? null
  return [
    {
      key: 'tld',
      title: t('tlds.ending'),
      value: (row) => row.tld,
      render: (row) => <RowLink href={`/admin/tlds/${row.id}`}>.{row.tld}</RowLink>,
    },
    { key: 'state', title: t('columns.state'), value: (row) => t(`state.${row.state}`), render: (row) => <CatalogBadge state={row.state} /> },
    ...OPERATIONS.map(priced),
    {
      key: 'cost',
      title: t('prices.cost'),
      number: true,
      value: (row) => priceOf(row, 'register', currency, today)?.cost?.amount,
      csv: (row) => {
        const cost = priceOf(row, 'register', currency, today)?.cost
        return cost && `${plainAmount(cost)} ${cost.currency}`
      },
      render: (row) => {
        const cost = priceOf(row, 'register', currency, today)?.cost
        return cost ? <Money value={cost} /> : '–'
      },
    },
    {
      key: 'margin',
      title: t('prices.margin'),
      number: true,
      value: margin,
      render: (row) => {
        const ppm = margin(row)
        return ppm === null ? '–' : format.number(ppm / 1e6, { style: 'percent', maximumFractionDigits: 1 })
      },
    },
    {
      key: 'years',
      title: t('tlds.years'),
      value: (row) => row.max_years,
      csv: (row) => `${row.min_years}–${row.max_years}`,
      render: (row) => `${row.min_years}–${row.max_years}`,
    },
  ]
}
