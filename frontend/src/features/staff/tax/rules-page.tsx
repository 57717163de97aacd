'use client'

import { Button, Group, TextInput } from '@mantine/core'
import { useLocale, useTranslations } from 'next-intl'
import { useState } from 'react'
import { api, Problem, take } from '@/api/client'
import type { DeskColumn } from '@/components/data-table/desk-rows'
import { DeskTable } from '@/components/data-table/desk-table'
import { type TableState, useTableState } from '@/components/data-table/table-state'
import { useWhole } from '@/components/data-table/whole'
import { When } from '@/components/when'
import { countryName } from '@/lib/address'
import { ReasonDialog, RuleDialog } from '../dialogs'
import { usePercent } from '../invoices/rates'
import { useMay } from '../queries'
import type { Deed } from '../reason-dialog'
import { endRule, type Rule } from './queries'
import { TaxFrame } from './tax-frame'

const DAY = /^\d{4}-\d{2}-\d{2}$/
const CODE = /^[A-Z]{2}$/

/** Which rate holds where, for whom and since when. Rules are ended and added, never rewritten. */
export function RulesPage() {
  const t = useTranslations('staff')
  const words = useTranslations('desk.rules')
  const state = useTableState(['country', 'on'])
  const { country, on } = state.chosen
  const query = { country: country && CODE.test(country) ? country : undefined, on: on && DAY.test(on) ? on : undefined }
  const source = useWhole<Rule>(['tax', 'rules', query], (cursor, limit) =>
    take(api.GET('/api/v1/admin/tax/rules', { params: { query: { ...query, cursor, limit } } })),
  )
  const may = useMay('tax.manage')
  const [adding, setAdding] = useState(false)
  const [ending, setEnding] = useState<Rule | null>(null)
  const add = may && (
    <Button size="sm" onClick={() => setAdding(true)}>
      {words('add')}
    </Button>
  )
  return (
    <TaxFrame title={t('titles.taxRules')} text={words('text')} action={add}>
      <DeskTable
        label={t('titles.taxRules')}
        file="tax-rules"
        columns={useColumns(may ? setEnding : null)}
        source={source}
        state={state}
        rowKey={(row) => row.id}
        search={words('search')}
        empty={{ title: words('empty'), text: words('emptyText') }}
      >
        <Narrow state={state} />
      </DeskTable>
      {adding && <RuleDialog country={query.country ?? ''} onClose={() => setAdding(false)} />}
      {ending && <EndRule rule={ending} onClose={() => setEnding(null)} />}
    </TaxFrame>
  )
}

function Narrow({ state }: { state: TableState }) {
  const words = useTranslations('desk.rules')
  return (
    <Group gap="xs">
      <TextInput
        size="sm"
        w={96}
        aria-label={words('countryCode')}
        placeholder={words('countryCode')}
        maxLength={2}
        key={state.chosen.country}
        defaultValue={state.chosen.country}
        onBlur={(event) => state.choose('country', event.currentTarget.value.trim().toUpperCase())}
      />
      <TextInput
        size="sm"
        type="date"
        aria-label={words('on')}
        title={words('on')}
        value={state.chosen.on}
        onChange={(event) => state.choose('on', event.currentTarget.value)}
      />
    </Group>
  )
}

function useColumns(onEnd: ((rule: Rule) => void) | null): DeskColumn<Rule>[] {
  const words = useTranslations('desk.rules')
  const t = useTranslations('staff.columns')
  const explain = useTranslations('desk.explain')
  const locale = useLocale()
  const percent = usePercent()
  return [
    { key: 'country', title: t('country'), value: (row) => countryName(row.country, locale), render: (row) => countryName(row.country, locale) },
    { key: 'state', title: words('state'), value: (row) => row.state, render: (row) => row.state },
    { key: 'name', title: t('name'), value: (row) => row.name, render: (row) => row.name },
    { key: 'rate', title: words('rate'), number: true, value: (row) => row.rate_ppm / 10_000, render: (row) => percent(row.rate_ppm) },
    {
      key: 'category',
      title: words('category'),
      value: (row) => row.category,
      render: (row) => `${row.category} · ${explain(`category_${row.category}`)}`,
    },
    { key: 'class', title: words('class'), value: (row) => row.product_class ?? words('all'), render: (row) => row.product_class ?? words('all') },
    { key: 'buyer', title: words('buyer'), value: (row) => explain(`buyer_${row.buyer}`), render: (row) => explain(`buyer_${row.buyer}`) },
    { key: 'from', title: words('from'), value: (row) => row.valid_from, render: (row) => <When at={row.valid_from} /> },
    { key: 'until', title: words('until'), value: (row) => row.valid_until, render: (row) => <When at={row.valid_until} /> },
    { key: 'version', title: t('version'), number: true, value: (row) => row.version, render: (row) => row.version },
    {
      key: 'do',
      title: t('do'),
      render: (row) =>
        onEnd &&
        !row.valid_until && (
          <Button
            variant="default"
            size="compact-xs"
            onClick={() => onEnd(row)}
            aria-label={words('endOf', { name: row.name, country: row.country })}
          >
            {words('end')}
          </Button>
        ),
    },
  ]
}

function EndRule({ rule, onClose }: { rule: Rule; onClose: () => void }) {
  const words = useTranslations('desk.rules')
  const kept = useTranslations('staff.license')('kept')
  const [day, setDay] = useState('')
  const deed: Deed = {
    title: words('endTitle', { name: rule.name }),
    text: words('endText'),
    submit: words('end'),
    done: words('ended'),
    hint: kept,
    danger: true,
    names: ['valid_until'],
    run: (reason) => {
      if (!day) throw new Problem(422, 'invalid', '', [{ field: 'valid_until', message: words('noDay') }])
      return endRule(rule.id, day, reason)
    },
    fields: (faults) => (
      <TextInput
        size="sm"
        type="date"
        data-autofocus
        label={words('firstWithout')}
        value={day}
        error={faults.valid_until}
        onChange={(event) => setDay(event.currentTarget.value)}
        required
      />
    ),
  }
  return <ReasonDialog deed={deed} onClose={onClose} />
}
