'use client'

import { Card, Group, NativeSelect, Stack, TextInput } from '@mantine/core'
import { useLocale, useTranslations } from 'next-intl'
import { useState } from 'react'
import type { Schemas } from '@/api/client'
import { DataTable } from '@/components/data-table'
import { Facts } from '@/components/facts'
import { Money } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { ProblemAlert } from '@/components/problem-alert'
import { When } from '@/components/when'
import { useCompany, useToday } from '@/features/company'
import { FileButton } from './file-button'
import { daysOf, PERIODS, type Period } from './periods'
import { type Span, useBalances, useInvoices, useStatement } from './queries'

const KINDS = ['invoice', 'credit_note', 'payment', 'refund', 'booked', 'write_off', 'recovered'] as const

/** The account over the days that one names: on screen and as PDF. */
export function StatementPage() {
  const t = useTranslations('account.statement')
  const { currency: own } = useCompany()
  const today = useToday()
  const [period, setPeriod] = useState<Period>('this_year')
  const [days, setDays] = useState(daysOf('this_year', today))
  const [currency, setCurrency] = useState(own)
  const span: Span = { ...days, currency }
  const { data, error, refetch } = useStatement(span)
  const choose = (chosen: Period) => {
    setPeriod(chosen)
    if (chosen !== 'own') setDays(daysOf(chosen, today))
  }
  const change = (part: Partial<typeof days>) => {
    setPeriod('own')
    setDays((before) => ({ ...before, ...part }))
  }
  const path = `/api/v1/statements/pdf?${new URLSearchParams({ ...span })}`
  return (
    <>
      <PageHeader title={t('title')} text={t('text')} action={<FileButton path={path} label={t('pdf')} what={t('title')} variant="filled" />} />
      <Stack>
        <Group align="flex-end" gap="sm">
          <NativeSelect
            label={t('period')}
            value={period}
            onChange={(event) => choose(event.currentTarget.value as Period)}
            data={PERIODS.map((each) => ({ value: each, label: t(`periods.${each}`) }))}
          />
          <TextInput
            type="date"
            size="sm"
            withAsterisk={false}
            label={t('from')}
            value={days.from}
            max={days.to}
            onChange={(event) => change({ from: event.currentTarget.value })}
            required
          />
          <TextInput
            type="date"
            size="sm"
            withAsterisk={false}
            label={t('to')}
            value={days.to}
            min={days.from}
            onChange={(event) => change({ to: event.currentTarget.value })}
            required
          />
          <Currencies value={currency} onChange={setCurrency} />
        </Group>
        {error && <ProblemAlert error={error} retry={() => refetch()} />}
        {!error && <Movements of={data} />}
      </Stack>
    </>
  )
}

/** Only for whom there is more than one. */
function Currencies({ value, onChange }: { value: string; onChange: (currency: string) => void }) {
  const t = useTranslations('account.statement')
  const locale = useLocale()
  const own = useCompany().currency
  const seen = [...(useBalances().data ?? []).map((each) => each.credit.currency), ...(useInvoices().rows ?? []).map((each) => each.total.currency)]
  const currencies = [...new Set([own, value, ...seen])].sort()
  if (currencies.length < 2) return null
  const names = new Intl.DisplayNames(locale, { type: 'currency' })
  return (
    <NativeSelect
      label={t('currency')}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      data={currencies.map((code) => ({ value: code, label: `${code} · ${names.of(code) ?? code}` }))}
    />
  )
}

function Movements({ of }: { of: Schemas['StatementBody'] | undefined }) {
  const t = useTranslations('account.statement')
  const rows = of?.movements.map((movement, at) => ({ ...movement, id: `${at}` }))
  const wordOf = (kind: string) => {
    const known = KINDS.find((each) => kind.startsWith(each))
    return known ? t(`kinds.${known}`) : t('kinds.other')
  }
  return (
    <>
      {of && (
        <Card maw={420}>
          <Facts
            of={[
              [t('opening'), <Money key="o" value={of.opening} />],
              [
                t('closing'),
                <strong key="c">
                  <Money value={of.closing} />
                </strong>,
              ],
            ]}
          />
        </Card>
      )}
      <DataTable
        label={t('movements')}
        rows={rows}
        rowKey={(row) => row.id}
        columns={[
          { key: 'on', title: t('on'), render: (row) => <When at={row.on} /> },
          { key: 'what', title: t('what'), render: (row) => [wordOf(row.kind), row.number].filter(Boolean).join(' ') },
          { key: 'amount', title: t('amount'), number: true, render: (row) => <Money value={row.amount} /> },
          { key: 'balance', title: t('balance'), number: true, render: (row) => <Money value={row.balance} /> },
        ]}
      />
    </>
  )
}
