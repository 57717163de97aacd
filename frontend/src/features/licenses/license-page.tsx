'use client'

import { Anchor, Button, Card, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core'
import { IconCheck, IconExternalLink } from '@tabler/icons-react'
import { useTranslations } from 'next-intl'
import type { Schemas } from '@/api/client'
import { CopyText } from '@/components/copy-text'
import { Facts } from '@/components/facts'
import Link from '@/components/link'
import { PageHeader } from '@/components/page-header'
import { ProblemAlert } from '@/components/problem-alert'
import { StatusBadge } from '@/components/status-badge'
import { When } from '@/components/when'
import { useAccounts } from '@/features/hosting'
import { webAddress } from '@/lib/address'
import { Alerts } from './alerts'
import { UseHistory } from './history'
import { KeyCard } from './key-card'
import classes from './licenses.module.css'
import { useLicense, useSubscriptionFor } from './queries'
import { StandingBadge, StandingNotice } from './standing'
import { UseBars } from './use-bars'
import { useName } from './words'

export function LicensePage({ id }: { id: string }) {
  const t = useTranslations('licenses')
  const { data: license, error, refetch } = useLicense(id)
  const account = useAccounts().data?.find((each) => each.license_id === id)
  const back = { href: '/licenses', label: t('back') }
  if (!license)
    return (
      <>
        <PageHeader title={t('title')} back={back} />
        {error ? <ProblemAlert error={error} retry={() => refetch()} /> : <Skeleton height={260} radius="lg" />}
      </>
    )
  return (
    <>
      <PageHeader
        title={account?.domain ?? license.plan_name}
        badge={<StandingBadge license={license} />}
        back={back}
        text={t('hosting', { plan: license.plan_name })}
        action={<ToPanel account={account} />}
      />
      <Stack>
        <StandingNotice license={license} />
        <ToSubscription domain={account?.domain} />
        <Card component="section" aria-labelledby="use">
          <Title order={2} fz={18} mb="md" id="use">
            {t('use.title')}
          </Title>
          <UseBars quotas={license.quotas} />
        </Card>
        <UseHistory id={id} quotas={license.quotas} />
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          <KeyCard license={license} />
          <Stack>
            <Account account={account} />
            <Features features={license.features} />
          </Stack>
        </SimpleGrid>
        <Alerts id={id} />
      </Stack>
    </>
  )
}

type AccountBody = Schemas['AccountBody'] | undefined

/** By the name that both are for. */
function ToSubscription({ domain }: { domain: string | null | undefined }) {
  const t = useTranslations('licenses')
  const found = useSubscriptionFor(domain)
  if (!found) return null
  return (
    <Anchor component={Link} href={`/subscriptions/${found.id}`} size="sm">
      {t('subscription')}
    </Anchor>
  )
}

function ToPanel({ account }: { account: AccountBody }) {
  const t = useTranslations('licenses')
  const address = webAddress(account?.login_url)
  if (!address) return null
  return (
    <Button component="a" href={address} target="_blank" rel="noreferrer" size="sm" rightSection={<IconExternalLink size={16} aria-hidden />}>
      {t('panel')}
    </Button>
  )
}

function Account({ account }: { account: AccountBody }) {
  const t = useTranslations('licenses.account')
  return (
    <Card component="section" aria-labelledby="account">
      <Title order={2} fz={18} mb="sm" id="account">
        {t('title')}
      </Title>
      {account ? (
        <Facts
          of={[
            [t('state'), <StatusBadge key="s" state={account.status} />],
            [t('username'), account.username && <CopyText key="u" value={account.username} what={t('username')} />],
            [t('domain'), account.domain],
            [t('readyAt'), account.ready_at && <When key="r" at={account.ready_at} time />],
          ]}
        />
      ) : (
        <Text c="dimmed">{t('none')}</Text>
      )}
    </Card>
  )
}

function Features({ features }: { features: readonly string[] }) {
  const t = useTranslations('licenses.features')
  const name = useName('feature')
  return (
    <Card component="section" aria-labelledby="features">
      <Title order={2} fz={18} mb="sm" id="features">
        {t('title')}
      </Title>
      {features.length === 0 && <Text c="dimmed">{t('none')}</Text>}
      <ul className={classes.features}>
        {features.map((feature) => (
          <li key={feature}>
            <IconCheck size={18} aria-hidden />
            {name(feature)}
          </li>
        ))}
      </ul>
    </Card>
  )
}
