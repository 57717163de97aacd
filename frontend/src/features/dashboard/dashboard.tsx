'use client'

import { Alert, Anchor, Button, Card, Group, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core'
import { IconExternalLink, IconServer } from '@tabler/icons-react'
import { useTranslations } from 'next-intl'
import type { Schemas } from '@/api/client'
import { EmptyState } from '@/components/empty-state'
import { Facts } from '@/components/facts'
import Link from '@/components/link'
import { Money } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { ProblemAlert } from '@/components/problem-alert'
import { StatusBadge } from '@/components/status-badge'
import { When } from '@/components/when'
import { type Order, useOrders } from '@/features/orders/queries'
import { useAccounts, useLicenses, useOwnDomains, useSubscriptions } from './queries'

type License = Schemas['LicenseBody']
type Account = Schemas['AccountBody']

export function Dashboard() {
  const t = useTranslations('account.dashboard')
  const [licenses, accounts, subscriptions, domains] = [useLicenses(), useAccounts(), useSubscriptions(), useOwnDomains()]
  const failed = [licenses, accounts, subscriptions, domains].find((each) => each.error)
  const loading = licenses.isPending || accounts.isPending || domains.isPending
  const nothing = !loading && licenses.data?.length === 0 && domains.data?.length === 0
  return (
    <>
      <PageHeader title={t('title')} />
      <Stack gap="xl">
        <NextSteps />
        {failed && <ProblemAlert error={failed.error} retry={() => failed.refetch()} />}
        {!failed && loading && (
          <SimpleGrid cols={{ base: 1, md: 2 }}>
            <Skeleton height={230} radius="lg" />
            <Skeleton height={230} radius="lg" />
          </SimpleGrid>
        )}
        {nothing && <EmptyState icon={<IconServer />} title={t('empty')} text={t('emptyText')} action={{ href: '/pricing', label: t('toPlans') }} />}
        {licenses.data && licenses.data.length > 0 && (
          <SimpleGrid cols={{ base: 1, md: 2 }}>
            {licenses.data.map((license) => (
              <Service key={license.id} license={license} account={accounts.data?.find((each) => each.license_id === license.id)} />
            ))}
          </SimpleGrid>
        )}
        <Renewals subscriptions={subscriptions.data ?? []} />
        <Domains domains={domains.data ?? []} />
      </Stack>
    </>
  )
}

/** What waits for the customer, before anything else. */
function NextSteps() {
  const t = useTranslations('account.dashboard')
  const orders = useOrders().data ?? []
  const text = (order: Order) => {
    if (order.state === 'pending') return 'pay'
    if (order.state !== 'paid') return null
    return order.lines.some((line) => line.state === 'refused') ? 'choose' : 'delivering'
  }
  const open = orders.flatMap((order) => {
    const what = text(order)
    return what ? [{ order, what }] : []
  })
  return open.map(({ order, what }) => (
    <Alert key={order.id} color={what === 'delivering' ? 'blue' : 'orange'} title={t(`next.${what}.title`, { number: order.number ?? '' })}>
      <Group justify="space-between">
        <Text size="sm">{order.lines.map((line) => line.description).join(', ')}</Text>
        <Button component={Link} href={`/orders/${order.id}`} size="xs" variant="default">
          {t(`next.${what}.action`)}
        </Button>
      </Group>
    </Alert>
  ))
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
        {account?.login_url && (
          <Button
            component="a"
            href={account.login_url}
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
  const due = subscriptions.filter((each) => each.next_due_on && !each.cancelled_at)
  if (due.length === 0) return null
  return (
    <section>
      <Title order={2} fz={18} mb="sm">
        {t('renewals')}
      </Title>
      <Card>
        <Facts
          of={due.map((each) => [
            each.plan_name,
            <span key={each.id}>
              <Money value={each.price} /> · <When at={each.next_due_on} relative />
            </span>,
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
