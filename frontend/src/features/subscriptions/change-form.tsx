'use client'

import { NativeSelect, Stack, Text } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useCycleWords } from '@/components/cycle-words'
import { useMoney } from '@/components/money'
import type { HostingItem } from '@/features/cart'
import { firstOptions } from '@/features/cart'
import { Extras, Pieces } from '@/features/cart/forms'
import { cyclesOf, priceFor } from '@/features/catalog'
import { type Cycle, cycleKey } from '@/lib/cycle'
import type { Detail, Plan } from './queries'
import { type Choice, fitted, isProduct } from './wish'

interface ChangeFormProps {
  detail: Detail
  plans: Plan[]
  choice: Choice
  onChange: (choice: Choice) => void
}

const PIECES_MOST = 100

/** Plan, cycle, and what comes with it. What is no longer on sale may stay, but nobody can change to it. */
export function ChangeForm({ detail, plans, choice, onChange }: ChangeFormProps) {
  const t = useTranslations('subscriptions.change')
  const product = isProduct(detail)
  const chosen = plans.find((plan) => plan.code === choice.plan)
  return (
    <Stack gap="lg">
      {!product && <PlanField {...{ detail, plans, choice, onChange }} />}
      <CycleField {...{ detail, plans, choice, onChange }} />
      {product && (
        <div>
          <Text size="sm" fw={500} mb={4}>
            {t('quantity')}
          </Text>
          <Pieces
            label={t('quantity')}
            value={choice.quantity}
            least={1}
            most={Math.max(PIECES_MOST, choice.quantity)}
            onChange={(quantity) => onChange({ ...choice, quantity })}
          />
        </div>
      )}
      {!product && chosen && <ExtrasField plan={chosen} choice={choice} onChange={onChange} />}
      {!chosen && (
        <Text size="sm" c="dimmed">
          {t('notSold', { plan: detail.plan_name })}
        </Text>
      )}
    </Stack>
  )
}

function PlanField({ detail, plans, choice, onChange }: ChangeFormProps) {
  const t = useTranslations('subscriptions.change')
  const money = useMoney()
  const words = useCycleWords()
  const sold = plans.filter((plan) => plan.code === detail.plan_code || (plan.in_stock && cyclesOf([plan]).length > 0))
  const known = sold.some((plan) => plan.code === detail.plan_code)
  const label = (plan: Plan) => {
    const price = priceFor(plan, choice.cycle)?.price
    const now = plan.code === detail.plan_code ? ` · ${t('present')}` : ''
    return `${plan.name}${price ? ` · ${money(price)} ${words.per(choice.cycle)}` : ''}${now}`
  }
  const choose = (code: string) => {
    const plan = plans.find((each) => each.code === code)
    if (!plan) return onChange({ ...choice, plan: code })
    const cycle = priceFor(plan, choice.cycle) ? choice.cycle : (cyclesOf([plan])[0] ?? choice.cycle)
    const next = fitted({ ...choice, plan: code, cycle }, plan)
    const missing = (firstOptions(plan, cycle) ?? []).filter((option) => !next.options.some((each) => each.code === option.code))
    onChange({ ...next, options: [...next.options, ...missing] })
  }
  return (
    <NativeSelect
      label={t('plan')}
      description={t('planHint')}
      value={choice.plan}
      onChange={(event) => choose(event.currentTarget.value)}
      data={[
        ...(known ? [] : [{ value: detail.plan_code, label: `${detail.plan_name} · ${t('present')}` }]),
        ...sold.map((plan) => ({ value: plan.code, label: label(plan) })),
      ]}
    />
  )
}

function CycleField({ detail, plans, choice, onChange }: ChangeFormProps) {
  const t = useTranslations('subscriptions.change')
  const money = useMoney()
  const words = useCycleWords()
  const plan = plans.find((each) => each.code === choice.plan)
  const present = detail.cycle as Cycle
  const offered = (plan ? cyclesOf([plan]) : []).filter((cycle) => cycle.unit !== 'once')
  const cycles = choice.plan === detail.plan_code && !offered.some((cycle) => cycleKey(cycle) === cycleKey(present)) ? [present, ...offered] : offered
  const label = (cycle: Cycle) => {
    const price = priceFor(plan, cycle)?.price
    const now = cycleKey(cycle) === cycleKey(present) ? ` · ${t('present')}` : ''
    return `${words.name(cycle)}${price ? ` · ${money(price)}` : ''}${now}`
  }
  return (
    <NativeSelect
      label={t('cycle')}
      description={t('cycleHint')}
      value={cycleKey(choice.cycle)}
      onChange={(event) => {
        const cycle = cycles.find((each) => cycleKey(each) === event.currentTarget.value)
        if (cycle) onChange({ ...choice, cycle })
      }}
      data={cycles.map((cycle) => ({ value: cycleKey(cycle), label: label(cycle) }))}
    />
  )
}

/** The cart's own list of add-ons and options, on what is kept. */
function ExtrasField({ plan, choice, onChange }: { plan: Plan; choice: Choice; onChange: (choice: Choice) => void }) {
  const { unit, count } = choice.cycle
  if (unit === 'once') return null
  const item: HostingItem = {
    kind: 'hosting',
    plan: plan.code,
    cycle: { unit, count },
    domain: { kind: 'own', name: '', years: 1 },
    addons: choice.addons,
    options: choice.options,
  }
  return (
    <Extras
      plan={plan}
      cycle={choice.cycle}
      item={item}
      setup={false}
      onChange={(changed) =>
        onChange({
          ...choice,
          addons: (changed.addons ?? []).map((each) => ({ code: each.code, quantity: each.quantity ?? 1 })),
          options: changed.options ?? [],
        })
      }
    />
  )
}
