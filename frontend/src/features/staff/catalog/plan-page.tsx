'use client'

import { Button, Card, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useFormatter, useTranslations } from 'next-intl'
import { useState } from 'react'
import { CopyText } from '@/components/copy-text'
import { Facts } from '@/components/facts'
import Link from '@/components/link'
import { PageHeader } from '@/components/page-header'
import { Trouble } from '@/components/trouble'
import { ReasonDialog } from '../dialogs'
import { Deeds } from '../licenses/happenings'
import classes from '../orders/orders.module.css'
import { SideLink } from '../parts'
import { useMay } from '../queries'
import type { Deed } from '../reason-dialog'
import { CatalogBadge } from './badges'
import { PlanPreview } from './plan-preview'
import { PlanPrices } from './plan-prices'
import { changePlan, useManagedOptions, useManagedPlan, useManagedPlans, type WholePlan, withdrawPlan } from './queries'
import { Stock } from './stock'
import { useCycleWord, useThing } from './words'

export function PlanPage({ id }: { id: string }) {
  const t = useTranslations('catalog')
  const found = useManagedPlan(id)
  const plan = found.data
  return (
    <>
      <PageHeader
        title={plan?.name ?? t('plan.title')}
        back={{ href: '/admin/plans', label: t('plans.title') }}
        badge={plan && <CatalogBadge state={plan.state} />}
        text={plan && `${t(`kind.${plan.kind}`)}${plan.tagline ? ` · ${plan.tagline}` : ''}`}
        action={plan && <PlanActions plan={plan} />}
      />
      {found.error && <Trouble error={found.error} retry={() => found.refetch()} />}
      {!plan && !found.error && <Skeleton height={480} radius="lg" />}
      {plan && (
        <div className={classes.columns}>
          <Stack gap="lg">
            <PlanPrices plan={plan} />
            <PlanPreview plan={plan} />
            <Deeds id={id} />
          </Stack>
          <div className={classes.side}>
            <Stock plan={plan} />
            <AboutPlan plan={plan} />
          </div>
        </div>
      )}
    </>
  )
}

function PlanActions({ plan }: { plan: WholePlan }) {
  const t = useTranslations('catalog.plan')
  const [deed, setDeed] = useState<Deed | null>(null)
  if (!useMay('catalog.manage')) return null
  const sell: Deed = {
    title: t('sellTitle', { name: plan.name }),
    text: plan.prices.length > 0 ? t('sellText') : t('sellUnpricedText'),
    submit: t('sell'),
    done: t('sold', { name: plan.name }),
    hint: t('kept'),
    run: (reason) => changePlan(plan, { state: 'on_sale', reason }),
  }
  const withdraw: Deed = {
    title: t('withdrawTitle', { name: plan.name }),
    text: t('withdrawText'),
    submit: t('withdraw'),
    done: t('withdrawn', { name: plan.name }),
    hint: t('kept'),
    danger: true,
    run: (reason) => withdrawPlan(plan, reason),
  }
  return (
    <Group gap="xs">
      {plan.state !== 'on_sale' && (
        <Button size="sm" onClick={() => setDeed(sell)}>
          {t('sell')}
        </Button>
      )}
      <Button component={Link} href={`/admin/plans/${plan.id}/edit`} size="sm" variant="default">
        {t('change')}
      </Button>
      {plan.state !== 'withdrawn' && (
        <Button size="sm" variant="default" onClick={() => setDeed(withdraw)}>
          {t('withdraw')}
        </Button>
      )}
      {deed && <ReasonDialog deed={deed} onClose={() => setDeed(null)} />}
    </Group>
  )
}

function AboutPlan({ plan }: { plan: WholePlan }) {
  const t = useTranslations('catalog')
  const thing = useThing()
  const format = useFormatter()
  const limits = Object.entries(plan.limits).map(
    ([name, limit]) => [thing(name), limit === null ? t('limits.unlimited') : format.number(limit)] as [string, string],
  )
  const features = plan.features.map(thing)
  return (
    <Card component="section" aria-labelledby="about-plan">
      <Title order={2} fz={16} mb="sm" id="about-plan">
        {t('plan.about')}
      </Title>
      <Facts
        of={[
          [t('plan.code'), <CopyText key="code" value={plan.code} what={t('plan.code')} />],
          ...limits,
          [t('plan.features'), features.length > 0 ? format.list(features, { type: 'unit' }) : t('plan.none')],
          [t('plan.trial'), plan.trial_days > 0 ? t('plans.days', { count: plan.trial_days }) : null],
          [t('plan.included'), plan.kind === 'hosting' ? <IncludedText key="included" plan={plan} /> : null],
          [t('plan.addons'), plan.kind === 'hosting' ? <Addons key="addons" codes={plan.addons} /> : null],
          [t('plan.options'), plan.options.length > 0 ? <Options key="options" codes={plan.options} /> : null],
          [t('plan.position'), String(plan.position)],
          [t('plan.version'), String(plan.version)],
        ]}
      />
      {plan.description && (
        <Text size="sm" mt="sm" className="np-break">
          {plan.description}
        </Text>
      )}
    </Card>
  )
}

function Addons({ codes }: { codes: readonly string[] }) {
  const t = useTranslations('catalog.plan')
  const plans = useManagedPlans().data
  if (codes.length === 0) return t('none')
  return codes.map((code) => {
    const found = plans?.find((plan) => plan.code === code)
    return <div key={code}>{found ? <SideLink href={`/admin/plans/${found.id}`}>{found.name}</SideLink> : code}</div>
  })
}

function Options({ codes }: { codes: readonly string[] }) {
  const options = useManagedOptions().data
  return codes.map((code) => {
    const found = options?.find((option) => option.code === code)
    return <div key={code}>{found ? <SideLink href={`/admin/options/${found.id}`}>{found.name}</SideLink> : code}</div>
  })
}

function IncludedText({ plan }: { plan: WholePlan }) {
  const t = useTranslations('catalog')
  const cycle = useCycleWord()
  const included = plan.included_domains
  if (!included) return t('plan.none')
  const names = t('included.told', { count: included.count, tlds: included.tlds.map((tld) => `.${tld}`).join(', ') })
  const from = included.minimum_cycle ? t('included.from', { cycle: cycle(included.minimum_cycle) }) : ''
  return `${names}, ${t(`included.${included.lasts ?? 'first_year'}`)}${from ? `, ${from}` : ''}`
}
