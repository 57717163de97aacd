'use client'

import { Button, Card, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import type { Plan } from '@/api/server'
import { useCycleWords } from '@/components/cycle-words'
import { Choice } from '@/components/form/choice'
import { Money, useMoney } from '@/components/money'
import { useCart } from '@/features/cart'
import { type Cycle, cycleKey } from '@/lib/cycle'
import classes from './catalog.module.css'
import { CurrencySwitch } from './currency-switch'
import { cyclesOf, monthsSaved, type PlanPrice, priceFor } from './prices'
import { usePlans } from './queries'

/** `level`: of the plans' headings on the page that shows them. `given`: what the server knew when it made the page; where it knew nothing the browser asks. */
export function PlanCards({ plans: given, level }: { plans: Plan[]; level: 2 | 3 }) {
  const t = useTranslations('marketing.plans')
  const words = useCycleWords()
  const [wanted, setWanted] = useState('')
  const asked = usePlans(given)
  const plans = asked.data ?? []
  const cycles = cyclesOf(plans)
  const cycle = cycles.find((each) => cycleKey(each) === wanted) ?? cycles[0]
  const saved = monthsSaved(plans)
  if (asked.isPending) return <Skeleton height={420} radius="lg" />
  return (
    <Stack gap="lg">
      <Group justify="space-between" align="center" gap="sm">
        <Group gap="sm">
          {cycle && cycles.length > 1 && (
            <Choice
              label={t('cycle')}
              value={cycleKey(cycle)}
              onChange={setWanted}
              data={cycles.map((each) => ({ value: cycleKey(each), label: words.name(each) }))}
            />
          )}
          {saved > 0 && (
            <Text size="sm" c="dimmed">
              {t('saved', { months: saved })}
            </Text>
          )}
        </Group>
        <CurrencySwitch />
      </Group>
      {plans.length === 0 && <Text c="dimmed">{t('none')}</Text>}
      <div className={classes.plans}>{cycle && plans.map((plan) => <PlanCard key={plan.code} plan={plan} cycle={cycle} level={level} />)}</div>
    </Stack>
  )
}

/** `shown`: only to be looked at, as staff do; nothing can be chosen. */
export function PlanCard({ plan, cycle, level, shown }: { plan: Plan; cycle: Cycle; level: 2 | 3; shown?: boolean }) {
  const t = useTranslations('marketing.plans')
  const words = useCycleWords()
  const router = useRouter()
  const { addPlan } = useCart()
  // A plan that is not sold for the chosen period shows what it is sold for.
  const priced = priceFor(plan, cycle) ?? plan.prices[0]
  const choose = () => {
    if (priced) addPlan(plan, priced.cycle)
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
      {priced && (
        <div>
          <div className={classes.price}>
            <Money value={priced.price} />
            <span className={classes.per}> {words.per(priced.cycle)}</span>
          </div>
          <Terms plan={plan} priced={priced} />
        </div>
      )}
      <Button fullWidth onClick={shown ? undefined : choose} disabled={shown || !plan.in_stock}>
        {plan.in_stock ? t('choose', { name: plan.name }) : t('soldOut', { name: plan.name })}
      </Button>
      <PlanFeatures plan={plan} />
    </Card>
  )
}

/** What else the first charge depends on: the trial, the setup and the names that come along. */
function Terms({ plan, priced }: { plan: Plan; priced: PlanPrice }) {
  const t = useTranslations('marketing.plans')
  const words = useCycleWords()
  const money = useMoney()
  const { included_domains: included, trial_days: days } = plan
  const texts = [
    days > 0 && t('trial', { days }),
    priced.setup_fee.amount > 0 && t('setup', { fee: money(priced.setup_fee) }),
    included &&
      t(included.minimum_cycle ? 'includedFrom' : 'included', {
        count: included.count,
        endings: included.tlds.map((tld) => `.${tld}`).join(', '),
        cycle: included.minimum_cycle ? words.name(included.minimum_cycle).toLowerCase() : '',
        lasts: included.lasts ?? 'first_year',
      }),
  ].filter((text): text is string => Boolean(text))
  return texts.map((text) => (
    <Text key={text} size="sm" c="dimmed" mt={6}>
      {text}
    </Text>
  ))
}

function PlanFeatures({ plan }: { plan: Plan }) {
  const t = useTranslations('marketing.plans')
  const limits = ['accounts', 'domains', 'databases', 'emails'].filter((name) => name in plan.limits)
  const limitText = (name: string) => {
    const limit = plan.limits[name]
    return limit === null || limit === undefined ? t(`unlimited.${name}`) : t(`limit.${name}`, { count: limit })
  }
  const texts = [...limits.map(limitText), ...plan.features.map((name) => (t.has(`feature.${name}`) ? t(`feature.${name}`) : name))]
  const extras = [...plan.options, ...plan.addons].map((each) => each.name)
  return (
    <>
      <ul className={classes.features}>
        {texts.map((text) => (
          <li key={text}>
            <IconCheck size={17} aria-hidden />
            {text}
          </li>
        ))}
      </ul>
      {extras.length > 0 && (
        <Text size="sm" c="dimmed">
          {t('extras', { names: extras.join(', ') })}
        </Text>
      )}
    </>
  )
}
