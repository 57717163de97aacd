'use client'

import { Anchor, Card, Group, Text, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { type Column, DataTable } from '@/components/data-table'
import Link from '@/components/link'
import { Trouble } from '@/components/trouble'
import { SHOWN } from './queries'

interface SectionProps<Row> {
  name: string
  query: { data: Row[] | undefined; error: unknown; refetch: () => unknown }
  columns: Column<Row>[]
  rowKey: (row: Row) => string
  all: string
}

/** The newest of one kind that a customer has, with the way to all of them. */
export function Section<Row>({ name, query, columns, rowKey, all }: SectionProps<Row>) {
  const t = useTranslations('staff')
  const title = t(`titles.${name}`)
  const more = (query.data?.length ?? 0) > SHOWN
  return (
    <section aria-label={title}>
      <Group justify="space-between" mb="xs">
        <Title order={2} fz={16}>
          {title}
        </Title>
        {query.data && query.data.length > 0 && (
          <Anchor component={Link} href={all} size="sm">
            {more ? t('customers.more', { count: SHOWN }) : t('customers.asList')}
          </Anchor>
        )}
      </Group>
      {query.error ? <Trouble error={query.error} retry={() => void query.refetch()} /> : null}
      {query.data?.length === 0 && (
        <Card padding="sm">
          <Text size="sm" c="dimmed">
            {t('customers.none')}
          </Text>
        </Card>
      )}
      {!query.error && query.data?.length !== 0 && (
        <DataTable label={title} rows={query.data?.slice(0, SHOWN)} rowKey={rowKey} columns={columns} dense />
      )}
    </section>
  )
}
