'use client'

import { Anchor, Button, Card, Group, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core'
import { IconExternalLink, IconServer } from '@tabler/icons-react'
import { useTranslations } from 'next-intl'
import type { Schemas } from '@/api/client'
import { EmptyState } from '@/components/empty-state'
import { Facts } from '@/components/facts'
import { MoreButton } from '@/components/form/more-button'
import Link from '@/components/link'
import { Money } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { ProblemAlert } from '@/components/problem-alert'
import { StatusBadge } from '@/components/status-badge'
import { When } from '@/components/when'
import { useOwnDomains } from '@/features/domains'
import { useAccounts } from '@/features/hosting'
import { useLicenses } from '@/features/licenses'
import { webAddress } from '@/lib/address'
import { NextSteps } from './next-steps'
import { useSubscriptions } from './queries'

type License = Schemas['LicenseBody']
type Account = Schemas['AccountBody']

export function Dashboard() {
  const t = useTranslations('account.dashboard')
  const [licenses, accounts, subscriptions, domains] = [useLicenses(), useAccounts(), useSubscriptions(), useOwnDomains()]
  const error = [licenses, accounts, subscriptions, domains].find((each) => each.error)?.error
  const again = () => {
    licenses.again()
    domains.again()
    void accounts.refetch()
    void subscriptions.refetch()
  }
  const loading = !licenses.rows || !accounts.data || !domains.rows
  const nothing = licenses.rows?.length === 0 && domains.rows?.length === 0
  return (
    <>
      <PageHeader title={t('title')} />
      <Stack gap="xl">
        <NextSteps />
        {error && <ProblemAlert error={error} retry={again} />}
        {!error && loading && (
          <SimpleGrid cols={{ base: 1, md: 2 }}>
            <Skeleton height={230} radius="lg" />
            <Skeleton height={230} radius="lg" />
          </SimpleGrid>
        )}
        {nothing && <EmptyState icon={<IconServer />} title={t('empty')} text={t('emptyText')} action={{ href: '/pricing', label: t('toPlans') }} />}
        {licenses.rows && licenses.rows.length > 0 && (
          <div>
            <SimpleGrid cols={{ base: 1, md: 2 }}>
              {licenses.rows.map((license) => (
                <Service key={license.id} license={license} account={accounts.data?.find((each) => each.license_id === license.id)} />
              ))}
            </SimpleGrid>
            <MoreButton {...licenses} />
          </div>
        )}
        <Renewals subscriptions={subscriptions.data ?? []} />
        <Domains domains={domains.rows ?? []} />
      </Stack>
    </>
  )
}

function Service({ license, account }: { license: License; account: Account | undefined }) {
  const t = useTranslations('account.dashboard')
  return (
    <Card component="section" aria-label={account?.domain ?? license.plan_name}>
      <Group justify="space-between" align="flex-start" wrap="nowrap" mb="sm">
        <div>
          <Title order={2} fz={20} className="np-break">
            {account?.domain ?? license.plan_name}
          </Title>
          <Text c="dimmed" size="sm">
            {t('hosting', { plan: license.plan_name })}
          </Text>
        </div>
        <StatusBadge state={license.status} />
      </Group>
      <Facts
        of={[
          [t('account'), account && <StatusBadge key="a" state={account.status} />],
          [t('username'), account?.username],
          [t('paidUntil'), license.expires_at && <When key="u" at={license.expires_at} relative />],
        ]}
      />
      <Group mt="md" gap="sm">
        <Button component={Link} href={`/licenses/${license.id}`} variant="default" size="sm">
          {t('open')}
        </Button>
        {webAddress(account?.login_url) && (
          <Button
            component="a"
            href={webAddress(account?.login_url)}
            target="_blank"
            rel="noreferrer"
            size="sm"
            variant="light"
            rightSection={<IconExternalLink size={16} aria-hidden />}
          >
            {t('panel')}
          </Button>
        )}
      </Group>
    </Card>
  )
}

function Renewals({ subscriptions }: { subscriptions: Schemas['SubscriptionBody'][] }) {
  const t = useTranslations('account.dashboard')
  const due = subscriptions.filter((each) => each.next_bill_on)
  if (due.length === 0) return null
  return (
    <section>
      <Group justify="space-between" mb="sm">
        <Title order={2} fz={18}>
          {t('renewals')}
        </Title>
        <Anchor component={Link} href="/subscriptions" size="sm">
          {t('toSubscriptions')}
        </Anchor>
      </Group>
      <Card>
        <Facts
          of={due.map((each) => [
            [each.plan_name, each.domain].filter(Boolean).join(' · '),
            <Anchor key={each.id} component={Link} href={`/subscriptions/${each.id}`} fz="inherit">
              <Money value={each.price} /> · <When at={each.next_due_on} relative />
            </Anchor>,
          ])}
        />
      </Card>
    </section>
  )
}

function Domains({ domains }: { domains: Schemas['DomainBody'][] }) {
  const t = useTranslations('account.dashboard')
  if (domains.length === 0) return null
  return (
    <section>
      <Group justify="space-between" mb="sm">
        <Title order={2} fz={18}>
          {t('domains')}
        </Title>
        <Anchor component={Link} href="/domains-owned" size="sm">
          {t('allDomains')}
        </Anchor>
      </Group>
      <Card>
        <Facts
          of={domains.slice(0, 5).map((domain) => [
            domain.unicode,
            <Group key={domain.id} gap="sm">
              <StatusBadge state={domain.status} />
              {domain.expires_on && <When at={domain.expires_on} relative />}
            </Group>,
          ])}
        />
      </Card>
    </section>
  )
}
