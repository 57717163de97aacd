'use client'

import { Alert, Badge, Button, Skeleton, Stack } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { DataTable } from '@/components/data-table'
import { PageHeader } from '@/components/page-header'
import { Trouble } from '@/components/trouble'
import { When } from '@/components/when'
import { useInvariants } from '../queries'
import { useWords } from '../words'

export function InvariantsPage() {
  const t = useTranslations('staff')
  const found = useInvariants()
  const promise = useWords('promise')
  const rules = [...(found.data?.invariants ?? [])].sort((a, b) => b.violations.length - a.violations.length)
  const broken = rules.filter((rule) => rule.violations.length > 0).length
  return (
    <>
      <PageHeader
        title={t('titles.invariants')}
        text={t('invariants.text')}
        action={
          <Button size="sm" variant="default" onClick={() => found.refetch()} loading={found.isFetching}>
            {t('invariants.again')}
          </Button>
        }
      />
      {found.error && <Trouble error={found.error} retry={() => found.refetch()} />}
      {!found.data && !found.error && <Skeleton height={320} radius="lg" />}
      {found.data && (
        <Stack gap="md">
          <Alert
            color={found.data.hold ? 'green' : 'red'}
            role="status"
            title={found.data.hold ? t('invariants.hold') : t('invariants.broken', { count: broken })}
          >
            {t('invariants.checked')} <When at={found.data.checked_at} time />
          </Alert>
          <DataTable
            dense
            label={t('titles.invariants')}
            rows={rules}
            rowKey={(rule) => rule.name}
            columns={[
              { key: 'promise', title: t('columns.rule'), render: (rule) => promise(rule.name, rule.promise) },
              { key: 'name', title: t('columns.name'), render: (rule) => <code className="np-code">{rule.name}</code> },
              { key: 'state', title: t('columns.state'), render: (rule) => <RuleState violations={rule.violations} /> },
              { key: 'violations', title: t('columns.violations'), render: (rule) => <Violations of={rule.violations} /> },
            ]}
          />
        </Stack>
      )}
    </>
  )
}

function RuleState({ violations }: { violations: string[] }) {
  const t = useTranslations('staff.invariants')
  const holds = violations.length === 0
  return (
    <Badge variant="light" color={holds ? 'green' : 'red'} radius="sm" tt="none">
      {holds ? t('holds') : t('violated', { count: violations.length })}
    </Badge>
  )
}

function Violations({ of }: { of: string[] }) {
  if (of.length === 0) return null
  return (
    <ul className="np-list">
      {of.map((violation) => (
        <li key={violation}>{violation}</li>
      ))}
    </ul>
  )
}
