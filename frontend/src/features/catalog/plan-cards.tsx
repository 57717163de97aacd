'use client'

import { Badge, Button, Card, Group, SegmentedControl, Stack, Text, Title } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import type { Plan } from '@/api/server'
import { Money } from '@/components/money'
import { type Unit, useCart } from '@/features/cart'
import classes from './catalog.module.css'

export function priceOf(plan: Plan | undefined, unit: string) {
  return plan?.prices.find((each) => each.cycle.unit === unit && each.cycle.count === 1)?.price ?? null
}

function monthsSaved(plans: Plan[]): number {
  const saved = plans.map((plan) => {
    const [month, year] = [priceOf(plan, 'month'), priceOf(plan, 'year')]
    return month && year ? Math.round(12 - year.amount / month.amount) : 0
  })
  return saved.length > 0 ? Math.min(...saved) : 0
}

export function PlanCards({ plans }: { plans: Plan[] }) {
  const t = useTranslations('marketing.plans')
  const [unit, setUnit] = useState<Unit>('month')
  const saved = monthsSaved(plans)
  if (plans.length === 0) return <Text c="dimmed">{t('none')}</Text>
  return (
    <Stack gap="lg">
      <Group gap="sm">
        <SegmentedControl
          aria-label={t('cycle')}
          value={unit}
          onChange={(value) => setUnit(value as Unit)}
          data={[
            { value: 'month', label: t('monthly') },
            { value: 'year', label: t('yearly') },
          ]}
        />
        {saved > 0 && (
          <Text size="sm" c="dimmed">
            {t('saved', { months: saved })}
          </Text>
        )}
      </Group>
      <div className={classes.plans}>
        {plans.map((plan) => (
          <PlanCard key={plan.code} plan={plan} unit={unit} best={plan.code === 'professional'} />
        ))}
      </div>
    </Stack>
  )
}

function PlanCard({ plan, unit, best }: { plan: Plan; unit: Unit; best: boolean }) {
  const t = useTranslations('marketing.plans')
  const router = useRouter()
  const { addPlan } = useCart()
  const price = priceOf(plan, unit)
  const choose = () => {
    addPlan(plan.code, unit)
    router.push('/cart')
  }
  return (
    <Card className={classes.plan} data-first={best || undefined} component="section" aria-label={plan.name}>
      <div>
        <Group justify="space-between">
          <Title order={3}>{plan.name}</Title>
          {best && (
            <Badge variant="light" tt="none" radius="sm">
              {t('popular')}
            </Badge>
          )}
        </Group>
        <Text c="dimmed" size="sm">
          {t.has(`tagline.${plan.code}`) ? t(`tagline.${plan.code}`) : plan.tagline}
        </Text>
      </div>
      {price && (
        <div className={classes.price}>
          <Money value={price} />
          <span className={classes.per}> {t(`per.${unit}`)}</span>
        </div>
      )}
      <Button fullWidth variant={best ? 'filled' : 'default'} onClick={choose} aria-label={t('chooseName', { name: plan.name })}>
        {t('choose', { name: plan.name })}
      </Button>
      <PlanFeatures plan={plan} />
    </Card>
  )
}

function PlanFeatures({ plan }: { plan: Plan }) {
  const t = useTranslations('marketing.plans')
  const limits = ['accounts', 'domains', 'databases', 'emails'].filter((name) => name in plan.limits)
  const limitText = (name: string) => {
    const limit = plan.limits[name]
    return limit === null || limit === undefined ? t(`unlimited.${name}`) : t(`limit.${name}`, { count: limit })
  }
  const texts = [...limits.map(limitText), ...plan.features.map((name) => (t.has(`feature.${name}`) ? t(`feature.${name}`) : name))]
  return (
    <ul className={classes.features}>
      {texts.map((text) => (
        <li key={text}>
          <IconCheck size={17} aria-hidden />
          {text}
        </li>
      ))}
    </ul>
  )
}
