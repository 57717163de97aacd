'use client'

import { Anchor } from '@mantine/core'
import { IconPackage } from '@tabler/icons-react'
import { useTranslations } from 'next-intl'
import { DataTable } from '@/components/data-table'
import { EmptyState } from '@/components/empty-state'
import { MoreButton } from '@/components/form/more-button'
import Link from '@/components/link'
import { Money } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { ProblemAlert } from '@/components/problem-alert'
import { StatusBadge } from '@/components/status-badge'
import { When } from '@/components/when'
import { useOrders } from './queries'

export function OrderList() {
  const t = useTranslations('orders')
  const list = useOrders()
  const { rows, error } = list
  const empty = rows?.length === 0
  return (
    <>
      <PageHeader title={t('title')} />
      {error && <ProblemAlert error={error} retry={list.again} />}
      {empty && <EmptyState icon={<IconPackage />} title={t('empty')} text={t('emptyText')} action={{ href: '/pricing', label: t('toPlans') }} />}
      {!error && !empty && (
        <DataTable
          label={t('title')}
          rows={rows}
          rowKey={(order) => order.id}
          columns={[
            {
              key: 'number',
              title: t('order'),
              render: (order) => (
                <Anchor component={Link} href={`/orders/${order.id}`} fw={600}>
                  {order.number ?? t('order')}
                </Anchor>
              ),
            },
            { key: 'what', title: t('what'), render: (order) => order.lines.map((line) => line.description).join(', ') },
            { key: 'placed', title: t('placed'), render: (order) => <When at={order.placed_at} /> },
            { key: 'state', title: t('state'), render: (order) => <StatusBadge state={order.state} /> },
            { key: 'total', title: t('total'), number: true, render: (order) => <Money value={order.total} /> },
          ]}
        />
      )}
      <MoreButton {...list} />
    </>
  )
}
