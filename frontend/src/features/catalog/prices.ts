import type { Plan } from '@/api/server'
import { type Cycle, cycleKey, lengthOf } from '@/lib/cycle'

type Priced = Pick<Plan, 'prices'>
export type PlanPrice = Plan['prices'][number]

export function priceFor(plan: Priced | undefined, cycle: Cycle): PlanPrice | null {
  return plan?.prices.find((each) => cycleKey(each.cycle) === cycleKey(cycle)) ?? null
}

/** All cycles that something of these is sold for, the shortest first. */
export function cyclesOf(plans: Priced[]): Cycle[] {
  const found = new Map(plans.flatMap((plan) => plan.prices.map(({ cycle }) => [cycleKey(cycle), cycle] as const)))
  return [...found.values()].sort((one, other) => lengthOf(one) - lengthOf(other))
}

/** Whole months that a year saves with every plan: rounded down, for it is a promise. */
export function monthsSaved(plans: Priced[]): number {
  const saved = plans.map((plan) => {
    const [month, year] = [priceFor(plan, { unit: 'month', count: 1 })?.price, priceFor(plan, { unit: 'year', count: 1 })?.price]
    return month && year && month.amount > 0 ? Math.floor(12 - year.amount / month.amount) : 0
  })
  return saved.length > 0 ? Math.max(0, Math.min(...saved)) : 0
}

/** Whether a name with this ending comes with the plan when it is bought for this cycle. */
export function includesName(plan: Plan, cycle: Cycle, name: string): boolean {
  const { included_domains: included, trial_days } = plan
  if (!included || trial_days > 0) return false
  const long = !included.minimum_cycle || lengthOf(cycle) >= lengthOf(included.minimum_cycle)
  return long && included.tlds.some((tld) => name.endsWith(`.${tld}`))
}
