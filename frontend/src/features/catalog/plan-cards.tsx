'use client'

import { Button, Card, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import type { Plan } from '@/api/server'
import { Choice } from '@/components/form/choice'
import { Money } from '@/components/money'
import { type Unit, useCart } from '@/features/cart'
import classes from './catalog.module.css'
import { monthsSaved, priceOf } from './prices'
import { usePlans } from './queries'

/** `level`: of the plans' headings on the page that shows them. `given`: what the server knew when it made the page; where it knew nothing the browser asks. */
export function PlanCards({ plans: given, level }: { plans: Plan[]; level: 2 | 3 }) {
  const t = useTranslations('marketing.plans')
  const [unit, setUnit] = useState<Unit>('month')
  const asked = usePlans(given)
  const plans = asked.data ?? []
  const saved = monthsSaved(plans)
  if (asked.isPending) return <Skeleton height={420} radius="lg" />
  if (plans.length === 0) return <Text c="dimmed">{t('none')}</Text>
  return (
    <Stack gap="lg">
      <Group gap="sm">
        <Choice<Unit>
          label={t('cycle')}
          value={unit}
          onChange={setUnit}
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
          <PlanCard key={plan.code} plan={plan} unit={unit} level={level} />
        ))}
      </div>
    </Stack>
  )
}

/** `shown`: only to be looked at, as staff do; nothing can be chosen. */
export function PlanCard({ plan, unit, level, shown }: { plan: Plan; unit: Unit; level: 2 | 3; shown?: boolean }) {
  const t = useTranslations('marketing.plans')
  const router = useRouter()
  const { addPlan } = useCart()
  const price = priceOf(plan, unit)
  const choose = () => {
    addPlan(plan.code, unit)
    router.push('/cart')
  }
  return (
    <Card className={classes.plan} component="section" aria-label={plan.name}>
      <div>
        <Title order={level} fz={22}>
          {plan.name}
        </Title>
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
      <Button fullWidth onClick={shown ? undefined : choose} disabled={shown}>
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
