'use client'

import { Alert, Button, Card, Group, Progress, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core'
import { IconExternalLink, IconEye } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { api, type Schemas, take } from '@/api/client'
import { CopyText } from '@/components/copy-text'
import { Facts } from '@/components/facts'
import { PageHeader } from '@/components/page-header'
import { ProblemAlert } from '@/components/problem-alert'
import { StatusBadge } from '@/components/status-badge'
import { When } from '@/components/when'
import { useAccounts } from '@/features/hosting'
import { webAddress } from '@/lib/address'
import { useLicense } from './queries'

const NEARLY_FULL = 90

export function LicensePage({ id }: { id: string }) {
  const t = useTranslations('account.license')
  const { data: license, error, refetch } = useLicense(id)
  const account = useAccounts().data?.find((each) => each.license_id === id)
  const back = { href: '/dashboard', label: t('back') }
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
        badge={<StatusBadge state={license.status} />}
        back={back}
        text={t('hosting', { plan: license.plan_name })}
      />
      <Stack>
        {license.suspension_reasons.length > 0 && (
          <Alert color="red" title={t('suspended')}>
            {license.suspension_reasons.map((reason) => t(`reason.${reason}`)).join(' ')}
          </Alert>
        )}
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          <Key license={license} />
          <Account account={account} />
        </SimpleGrid>
        <Card component="section">
          <Title order={2} fz={18} mb="md">
            {t('limits')}
          </Title>
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xl">
            {license.quotas.map((quota) => (
              <Quota key={quota.resource} quota={quota} />
            ))}
          </SimpleGrid>
        </Card>
      </Stack>
    </>
  )
}

function Key({ license }: { license: Schemas['LicenseBody'] }) {
  const t = useTranslations('account.license')
  const reveal = useMutation({
    mutationFn: () => take(api.POST('/api/v1/licenses/{license_id}/reveal', { params: { path: { license_id: license.id } } })),
  })
  return (
    <Card component="section">
      <Title order={2} fz={18} mb="sm">
        {t('key')}
      </Title>
      <Facts
        of={[
          [
            t('key'),
            reveal.data ? (
              <CopyText key="k" value={reveal.data.license_key} what={t('key')} />
            ) : (
              <code key="h" className="np-code">
                {license.key_hint}
              </code>
            ),
          ],
          [t('plan'), license.plan_name],
          [t('issued'), <When key="i" at={license.issued_at} />],
          [t('paidUntil'), <When key="e" at={license.expires_at} relative />],
        ]}
      />
      {reveal.error && <ProblemAlert error={reveal.error} />}
      {!reveal.data && (
        <Button
          mt="md"
          variant="default"
          size="sm"
          leftSection={<IconEye size={16} aria-hidden />}
          loading={reveal.isPending}
          onClick={() => reveal.mutate()}
        >
          {t('reveal')}
        </Button>
      )}
    </Card>
  )
}

function Account({ account }: { account: Schemas['AccountBody'] | undefined }) {
  const t = useTranslations('account.license')
  if (!account)
    return (
      <Card component="section">
        <Title order={2} fz={18} mb="sm">
          {t('account')}
        </Title>
        <Text c="dimmed">{t('noAccount')}</Text>
      </Card>
    )
  return (
    <Card component="section">
      <Title order={2} fz={18} mb="sm">
        {t('account')}
      </Title>
      <Facts
        of={[
          [t('state'), <StatusBadge key="s" state={account.status} />],
          [t('username'), account.username && <CopyText key="u" value={account.username} what={t('username')} />],
          [t('domain'), account.domain],
          [t('readyAt'), account.ready_at && <When key="r" at={account.ready_at} time />],
        ]}
      />
      {webAddress(account.login_url) && (
        <Button
          component="a"
          href={webAddress(account.login_url)}
          target="_blank"
          rel="noreferrer"
          mt="md"
          size="sm"
          rightSection={<IconExternalLink size={16} aria-hidden />}
        >
          {t('panel')}
        </Button>
      )}
    </Card>
  )
}

function Quota({ quota }: { quota: Schemas['QuotaBody'] }) {
  const t = useTranslations('account.license')
  const used = quota.used + quota.reserved
  const share = quota.limit ? Math.min(100, (used / quota.limit) * 100) : 0
  const name = t.has(`resource.${quota.resource}`) ? t(`resource.${quota.resource}`) : quota.resource
  return (
    <div>
      <Group justify="space-between" mb={6}>
        <Text size="sm" fw={500}>
          {name}
        </Text>
        <Text size="sm" c="dimmed" className="np-number">
          {quota.limit === null ? t('unlimited', { used }) : t('used', { used, limit: quota.limit })}
        </Text>
      </Group>
      {quota.limit !== null && <Progress value={share} color={share >= NEARLY_FULL ? 'orange.7' : 'brand.7'} aria-label={name} size="md" />}
    </div>
  )
}
