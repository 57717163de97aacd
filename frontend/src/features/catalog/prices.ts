import type { Plan } from '@/api/server'

export function priceOf(plan: Plan | undefined, unit: string) {
  return plan?.prices.find((each) => each.cycle.unit === unit && each.cycle.count === 1)?.price ?? null
}

/** Whole months that a year saves with every plan: rounded down, for it is a promise. */
export function monthsSaved(plans: Plan[]): number {
  const saved = plans.map((plan) => {
    const [month, year] = [priceOf(plan, 'month'), priceOf(plan, 'year')]
    return month && year && month.amount > 0 ? Math.floor(12 - year.amount / month.amount) : 0
  })
  return saved.length > 0 ? Math.max(0, Math.min(...saved)) : 0
}
