'use client'

import { Card, Group, SimpleGrid, Skeleton, Text } from '@mantine/core'
import { IconWallet } from '@tabler/icons-react'
import { useTranslations } from 'next-intl'
import type { Schemas } from '@/api/client'
import { DataTable } from '@/components/data-table'
import { EmptyState } from '@/components/empty-state'
import { MoreButton } from '@/components/form/more-button'
import Link from '@/components/link'
import { Money } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { ProblemAlert } from '@/components/problem-alert'
import { When } from '@/components/when'
import { useCompany } from '@/features/company'
import { useBalances, useCreditEntries } from './queries'

const KINDS = ['invoice', 'credit_note', 'credit_adjustment', 'attempt', 'manual', 'refund'] as const

/** What stands to the customer's favor, and how it came about. */
export function CreditPage() {
  const t = useTranslations('account.credit')
  const balances = useBalances()
  const list = useCreditEntries()
  const nothing = { amount: 0, currency: useCompany().currency }
  const none = { credit: nothing, free: nothing }
  const error = balances.error ?? list.error
  const empty = list.rows?.length === 0
  const again = () => {
    void balances.refetch()
    list.again()
  }
  return (
    <>
      <PageHeader title={t('title')} text={t('text')} />
      {error && <ProblemAlert error={error} retry={again} />}
      {!error && !balances.data && <Skeleton height={96} radius="lg" mb="lg" />}
      {balances.data && !empty && <Balances of={balances.data.length > 0 ? balances.data : [none]} />}
      {!error && empty && <EmptyState icon={<IconWallet />} title={t('empty')} text={t('emptyText')} />}
      {!error && !empty && (
        <DataTable
          label={t('movements')}
          rows={list.rows}
          rowKey={(entry) => entry.journal_id}
          columns={[
            { key: 'on', title: t('on'), render: (entry) => <When at={entry.booked_on} /> },
            { key: 'what', title: t('what'), render: (entry) => <About entry={entry} /> },
            { key: 'amount', title: t('amount'), number: true, render: (entry) => <Money value={entry.amount} /> },
          ]}
        />
      )}
      <MoreButton {...list} />
    </>
  )
}

function Balances({ of }: { of: Schemas['BalanceBody'][] }) {
  const t = useTranslations('account.credit')
  return (
    <SimpleGrid cols={{ base: 1, sm: 3 }} mb="lg">
      {of.map(({ credit, free }) => (
        <Card key={credit.currency} component="section" aria-label={t('balanceIn', { currency: credit.currency })}>
          <Group justify="space-between">
            <Text c="dimmed" size="sm">
              {t('balance')}
            </Text>
            <Text c="dimmed" size="sm">
              {credit.currency}
            </Text>
          </Group>
          <Text fz={26} fw={700}>
            <Money value={credit} />
          </Text>
          {free.amount !== credit.amount && (
            <Text size="sm" c="dimmed">
              {t('free')} <Money value={free} />
            </Text>
          )}
        </Card>
      ))}
    </SimpleGrid>
  )
}

/** What the booking is about, in the reader's words; the books' own words for what we have none for. */
function About({ entry }: { entry: Schemas['CreditEntryBody'] }) {
  const t = useTranslations('account.credit')
  const kind = KINDS.find((each) => entry.reference_type.endsWith(`.${each}`))
  const text = kind ? t(`kinds.${kind}`) : entry.description
  return kind === 'invoice' ? <Link href={`/invoices/${entry.reference_id}`}>{text}</Link> : text
}
