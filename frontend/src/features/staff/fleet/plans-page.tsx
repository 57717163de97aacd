'use client'

import { Card, Group, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { api, type Schemas, take } from '@/api/client'
import { CopyText } from '@/components/copy-text'
import { DataTable } from '@/components/data-table'
import { EmptyState } from '@/components/empty-state'
import { Facts } from '@/components/facts'
import { Money } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { Trouble } from '@/components/trouble'
import { useWords } from '../words'

type Plan = Schemas['PlanBody']

export function PlansPage() {
  const t = useTranslations('staff')
  const found = useQuery<Plan[]>({ queryKey: ['staff', 'plans'], queryFn: async () => (await take(api.GET('/api/v1/plans'))).items })
  return (
    <>
      <PageHeader title={t('titles.plans')} text={t('plans.text')} />
      {found.error && <Trouble error={found.error} retry={() => found.refetch()} />}
      {!found.data && !found.error && <Skeleton height={320} radius="lg" />}
      {found.data?.length === 0 && <EmptyState title={t('plans.empty')} text={t('plans.emptyText')} />}
      <Stack gap="md">
        {found.data?.map((plan) => (
          <PlanCard key={plan.id} plan={plan} />
        ))}
      </Stack>
    </>
  )
}

function PlanCard({ plan }: { plan: Plan }) {
  const t = useTranslations('staff')
  const words = useWords('resource')
  const limits = Object.entries(plan.limits).map(([name, limit]) => [words(name), limit ?? t('plans.unlimited')] as [string, string | number])
  return (
    <Card component="section" aria-label={plan.name}>
      <Group justify="space-between" mb="sm">
        <div>
          <Title order={2} fz={18}>
            {plan.name}
          </Title>
          <Text size="sm" c="dimmed">
            {plan.tagline}
          </Text>
        </div>
        <CopyText value={plan.code} what={t('plans.code')} />
      </Group>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <DataTable
          dense
          label={t('plans.prices', { plan: plan.name })}
          rows={plan.prices}
          rowKey={(price) => `${price.cycle.unit}${price.cycle.count}${price.price.currency}`}
          columns={[
            { key: 'cycle', title: t('columns.cycle'), render: ({ cycle }) => t(`plans.${cycle.unit}`, { count: cycle.count }) },
            { key: 'version', title: t('columns.version'), number: true, render: (price) => price.version },
            { key: 'price', title: t('columns.priceNet'), number: true, render: (price) => <Money value={price.price} /> },
          ]}
        />
        <Facts of={[...limits, [t('plans.features'), plan.features.map((feature) => words(feature)).join(', ')]]} />
      </SimpleGrid>
    </Card>
  )
}
