'use client'

import { Anchor } from '@mantine/core'
import { IconLicense } from '@tabler/icons-react'
import { useTranslations } from 'next-intl'
import { DataTable } from '@/components/data-table'
import { EmptyState } from '@/components/empty-state'
import { MoreButton } from '@/components/form/more-button'
import Link from '@/components/link'
import { PageHeader } from '@/components/page-header'
import { ProblemAlert } from '@/components/problem-alert'
import { When } from '@/components/when'
import { useAccounts } from '@/features/hosting'
import { type License, useLicenses } from './queries'
import { StandingBadge } from './standing'
import { fullest } from './use'
import { SmallUse } from './use-bars'

export function LicenseList() {
  const t = useTranslations('licenses.list')
  const list = useLicenses()
  const accounts = useAccounts().data
  const { rows, error } = list
  const empty = rows?.length === 0
  const nameOf = (license: License) => accounts?.find((each) => each.license_id === license.id)?.domain ?? license.key_hint
  return (
    <>
      <PageHeader title={t('title')} text={t('text')} />
      {error && <ProblemAlert error={error} retry={list.again} />}
      {empty && <EmptyState icon={<IconLicense />} title={t('empty')} text={t('emptyText')} action={{ href: '/pricing', label: t('toPlans') }} />}
      {!error && !empty && (
        <DataTable
          label={t('title')}
          rows={rows}
          rowKey={(license) => license.id}
          columns={[
            {
              key: 'service',
              title: t('service'),
              render: (license) => (
                <Anchor component={Link} href={`/licenses/${license.id}`} fw={600}>
                  {nameOf(license)}
                </Anchor>
              ),
            },
            { key: 'plan', title: t('plan'), render: (license) => license.plan_name },
            { key: 'state', title: t('state'), render: (license) => <StandingBadge license={license} /> },
            { key: 'until', title: t('validUntil'), render: (license) => <When at={license.expires_at} relative /> },
            { key: 'fullest', title: t('fullest'), render: (license) => <Fullest license={license} /> },
          ]}
        />
      )}
      <MoreButton {...list} />
    </>
  )
}

function Fullest({ license }: { license: License }) {
  const t = useTranslations('licenses.list')
  const quota = fullest(license.quotas)
  return quota ? <SmallUse quota={quota} /> : t('noLimit')
}
