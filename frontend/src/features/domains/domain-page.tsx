'use client'

import { Card, Skeleton, Stack, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { Facts } from '@/components/facts'
import { PageHeader } from '@/components/page-header'
import { ProblemAlert } from '@/components/problem-alert'
import { StatusBadge } from '@/components/status-badge'
import { When } from '@/components/when'
import { type Domain, useDomain, useRenewal } from './queries'
import { Renewal } from './renewal'

export function DomainPage({ id }: { id: string }) {
  const t = useTranslations('account.domains')
  const { data: domain, error, refetch } = useDomain(id)
  return (
    <>
      <PageHeader
        title={domain?.unicode ?? t('untitled')}
        badge={domain && <StatusBadge state={domain.status} />}
        back={{ href: '/domains-owned', label: t('title') }}
      />
      {error && <ProblemAlert error={error} retry={() => refetch()} />}
      {!domain && !error && <Skeleton height={320} radius="lg" />}
      {domain && (
        <Stack gap="lg" maw={760}>
          {domain.status === 'active' && <RenewalOf id={id} />}
          <About domain={domain} />
        </Stack>
      )}
    </>
  )
}

function RenewalOf({ id }: { id: string }) {
  const { data, error, refetch } = useRenewal(id)
  if (error) return <ProblemAlert error={error} retry={() => refetch()} />
  return data ? <Renewal of={data} /> : <Skeleton height={200} radius="lg" />
}

function About({ domain }: { domain: Domain }) {
  const t = useTranslations('account.domains')
  return (
    <Card component="section" aria-labelledby="about">
      <Title order={2} fz={16} mb="xs" id="about">
        {t('about')}
      </Title>
      <Facts
        of={[
          [t('name'), domain.name],
          [t('registered'), domain.registered_at && <When key="r" at={domain.registered_at} />],
          [t('expires'), domain.expires_on && <When key="e" at={domain.expires_on} relative />],
          [t('nameservers'), domain.nameservers.map((name) => <div key={name}>{name}</div>)],
        ]}
      />
    </Card>
  )
}
