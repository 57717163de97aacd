'use client'

import { Button } from '@mantine/core'
import { IconWorld } from '@tabler/icons-react'
import { useTranslations } from 'next-intl'
import { DataTable } from '@/components/data-table'
import { EmptyState } from '@/components/empty-state'
import { MoreButton } from '@/components/form/more-button'
import Link from '@/components/link'
import { PageHeader } from '@/components/page-header'
import { ProblemAlert } from '@/components/problem-alert'
import { StatusBadge } from '@/components/status-badge'
import { When } from '@/components/when'
import { useOwnDomains } from './queries'

export function OwnDomains() {
  const t = useTranslations('account.domains')
  const list = useOwnDomains()
  const { rows, error } = list
  const empty = rows?.length === 0
  const search = { href: '/domains', label: t('search') }
  return (
    <>
      <PageHeader
        title={t('title')}
        action={
          empty ? null : (
            <Button component={Link} href={search.href} variant="default" size="sm">
              {search.label}
            </Button>
          )
        }
      />
      {error && <ProblemAlert error={error} retry={list.again} />}
      {empty && <EmptyState icon={<IconWorld />} title={t('empty')} text={t('emptyText')} action={search} />}
      {!error && !empty && (
        <DataTable
          label={t('title')}
          rows={rows}
          rowKey={(domain) => domain.id}
          columns={[
            {
              key: 'name',
              title: t('name'),
              render: (domain) => (
                <strong>
                  <Link href={`/domains-owned/${domain.id}`}>{domain.unicode}</Link>
                </strong>
              ),
            },
            { key: 'state', title: t('state'), render: (domain) => <StatusBadge state={domain.status} /> },
            { key: 'expires', title: t('expires'), render: (domain) => <When at={domain.expires_on} relative /> },
            {
              key: 'renewal',
              title: t('renewal.column'),
              render: (domain) => (domain.status === 'active' ? t(domain.auto_renew ? 'renewal.on' : 'renewal.offShort') : ''),
            },
            { key: 'ns', title: t('nameservers'), render: (domain) => domain.nameservers.join(', ') || t('none') },
          ]}
        />
      )}
      <MoreButton {...list} />
    </>
  )
}
