'use client'

import { Button, Group, NativeSelect, Stack, Text, Title } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useLocale, useTranslations } from 'next-intl'
import { parseAsString, useQueryState } from 'nuqs'
import { api, take } from '@/api/client'
import { useOnce } from '@/api/once'
import { useNow } from '@/components/clock'
import { DataTable } from '@/components/data-table'
import { EmptyState } from '@/components/empty-state'
import { Money } from '@/components/money'
import { ProblemAlert } from '@/components/problem-alert'
import { Trouble } from '@/components/trouble'
import { countryName } from '@/lib/address'
import { saveAs } from '../invoices/files'
import { usePercent } from '../invoices/rates'
import { quarterOf, quartersUntil } from './quarters'
import { useReturn, useReverseCharges } from './queries'
import { TaxFrame } from './tax-frame'

const BACK = 12
const QUARTER = /^\d{4}-Q[1-4]$/

/** What goes into the quarter's returns: the one-stop shop's, and the list of reverse-charge supplies. */
export function ReturnsPage() {
  const t = useTranslations('staff.titles')
  const words = useTranslations('desk.returns')
  const now = new Date(useNow())
  const [chosen, choose] = useQueryState('quarter', parseAsString.withDefault(quarterOf(now)))
  const quarter = QUARTER.test(chosen) ? chosen : quarterOf(now)
  const known = quartersUntil(now, BACK)
  return (
    <TaxFrame title={t('taxReturns')} text={words('text')}>
      <Stack gap="lg">
        <NativeSelect
          size="sm"
          w={160}
          label={words('quarter')}
          value={quarter}
          onChange={(event) => void choose(event.currentTarget.value)}
          data={known.includes(quarter) ? known : [quarter, ...known]}
        />
        <OneStopShop quarter={quarter} />
        <ReverseCharges quarter={quarter} />
      </Stack>
    </TaxFrame>
  )
}

function OneStopShop({ quarter }: { quarter: string }) {
  const words = useTranslations('desk.returns')
  const t = useTranslations('staff.columns')
  const locale = useLocale()
  const percent = usePercent()
  const found = useReturn(quarter)
  const kept = useOnce({
    mutationFn: () =>
      saveAs(`oss-${quarter}.csv`, () => take(api.GET('/api/v1/admin/tax/oss.csv', { params: { query: { quarter } }, parseAs: 'blob' }))),
  })
  return (
    <section aria-labelledby="oss">
      <Group justify="space-between" mb="xs">
        <Title order={2} fz={16} id="oss">
          {words('oss')}
        </Title>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconDownload size={14} aria-hidden />}
          onClick={() => kept.send()}
          loading={kept.isPending}
          aria-label={words('csv', { quarter })}
        >
          CSV
        </Button>
      </Group>
      <Text size="sm" c="dimmed" mb="xs">
        {words('ossText')}
      </Text>
      {kept.error && <ProblemAlert error={kept.error} />}
      {found.error && <Trouble error={found.error} retry={() => void found.refetch()} />}
      {found.data?.lines.length === 0 && <EmptyState title={words('none')} text={words('noneText')} />}
      {!found.error && found.data?.lines.length !== 0 && (
        <DataTable
          dense
          label={words('oss')}
          rows={found.data?.lines}
          rowKey={(row) => row.country + row.rate_ppm}
          columns={[
            { key: 'country', title: t('country'), render: (row) => countryName(row.country, locale) },
            { key: 'rate', title: words('rate'), number: true, render: (row) => percent(row.rate_ppm) },
            { key: 'documents', title: words('documents'), number: true, render: (row) => row.documents },
            { key: 'net', title: t('net'), number: true, render: (row) => <Money value={row.net} /> },
            { key: 'tax', title: t('tax'), number: true, render: (row) => <Money value={row.tax} /> },
          ]}
        />
      )}
    </section>
  )
}

function ReverseCharges({ quarter }: { quarter: string }) {
  const words = useTranslations('desk.returns')
  const t = useTranslations('staff.columns')
  const locale = useLocale()
  const found = useReverseCharges(quarter)
  return (
    <section aria-labelledby="reverse">
      <Title order={2} fz={16} mb={4} id="reverse">
        {words('reverse')}
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        {words('reverseText')}
      </Text>
      {found.error && <Trouble error={found.error} retry={() => void found.refetch()} />}
      {found.data?.lines.length === 0 && <EmptyState title={words('noReverse')} text={words('noReverseText')} />}
      {!found.error && found.data?.lines.length !== 0 && (
        <DataTable
          dense
          label={words('reverse')}
          rows={found.data?.lines}
          rowKey={(row) => `${row.tax_id}${row.country}`}
          columns={[
            { key: 'id', title: words('id'), render: (row) => <code className="np-code">{row.tax_id}</code> },
            { key: 'country', title: t('country'), render: (row) => countryName(row.country, locale) },
            { key: 'documents', title: words('documents'), number: true, render: (row) => row.documents },
            { key: 'net', title: t('net'), number: true, render: (row) => <Money value={row.net} /> },
          ]}
        />
      )}
    </section>
  )
}
