'use client'

import { Anchor, Card, Group, Text, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { CopyText } from '@/components/copy-text'
import { type Column, DataTable } from '@/components/data-table'
import Link from '@/components/link'
import { Trouble } from '@/components/trouble'
import { When } from '@/components/when'
import { useName } from '@/features/licenses'
import { ActorName } from '../lists/audit-list'
import { useMay } from '../queries'
import { StateBadge } from '../state-badge'
import { useWords } from '../words'
import { useDeedsOf, useReservations } from './queries'

interface NewestProps<Row> {
  title: string
  none: string
  query: { data: Row[] | undefined; error: unknown; refetch: () => unknown }
  columns: Column<Row>[]
  rowKey: (row: Row) => string
  all?: { href: string; label: string }
}

function Newest<Row>({ title, none, query, columns, rowKey, all }: NewestProps<Row>) {
  return (
    <section aria-label={title}>
      <Group justify="space-between" mb="xs">
        <Title order={2} fz={18}>
          {title}
        </Title>
        {all && (
          <Anchor component={Link} href={all.href} size="sm">
            {all.label}
          </Anchor>
        )}
      </Group>
      {query.error ? <Trouble error={query.error} retry={() => void query.refetch()} /> : null}
      {query.data?.length === 0 && (
        <Card padding="sm">
          <Text size="sm" c="dimmed">
            {none}
          </Text>
        </Card>
      )}
      {!query.error && query.data?.length !== 0 && <DataTable label={title} rows={query.data} rowKey={rowKey} columns={columns} dense />}
    </section>
  )
}

export function Reservations({ id }: { id: string }) {
  const t = useTranslations('staff')
  const name = useName('resource')
  return (
    <Newest
      title={t('license.reservations')}
      none={t('license.noReservations')}
      query={useReservations(id)}
      rowKey={(row) => row.id}
      columns={[
        { key: 'resource', title: t('license.resource'), render: (row) => name(row.resource) },
        { key: 'quantity', title: t('columns.quantity'), number: true, render: (row) => row.quantity },
        { key: 'state', title: t('columns.state'), render: (row) => <StateBadge state={row.status} kind="hold" /> },
        { key: 'external', title: t('license.external'), render: (row) => <External id={row.external_id} /> },
        { key: 'created', title: t('columns.at'), render: (row) => <When at={row.created_at} time /> },
        { key: 'expires', title: t('license.heldUntil'), render: (row) => <When at={row.expires_at} time /> },
      ]}
    />
  )
}

const LONG = 16

/** A panel's own may be as long as it likes. */
function External({ id }: { id: string }) {
  const t = useTranslations('staff.license')
  return <CopyText value={id} shown={id.length > LONG ? `${id.slice(0, LONG - 4)}…` : id} what={t('external')} />
}

export function Deeds({ id }: { id: string }) {
  const t = useTranslations('staff')
  const words = useWords('what')
  const may = useMay('audit.read')
  const query = useDeedsOf(id, may)
  if (!may) return null
  return (
    <Newest
      title={t('license.audit')}
      none={t('license.noAudit')}
      query={query}
      rowKey={(row) => row.id}
      all={{ href: `/admin/audit?object=${id}`, label: t('customers.asList') }}
      columns={[
        { key: 'at', title: t('columns.at'), render: (row) => <When at={row.at} time /> },
        { key: 'actor', title: t('columns.actor'), render: (row) => <ActorName actor={row.actor} /> },
        { key: 'action', title: t('columns.action'), render: (row) => words(row.action) },
        { key: 'reason', title: t('columns.reason'), render: (row) => row.reason ?? '' },
      ]}
    />
  )
}
