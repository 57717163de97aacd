import type { Coupon, Cycle, Impact, PriceVersion } from './queries'

export type Standing = 'in_force' | 'coming' | 'former'

const UNITS = ['once', 'day', 'week', 'month', 'year'] as const
const DAYS = { once: 0, day: 1, week: 7, month: 30, year: 365 } as const

export function cycleKey(cycle: Cycle | null): string {
  return cycle ? `${cycle.count} ${cycle.unit}` : ''
}

export function compareCycles(one: Cycle, other: Cycle): number {
  return DAYS[one.unit] * one.count - DAYS[other.unit] * other.count || UNITS.indexOf(one.unit) - UNITS.indexOf(other.unit)
}

/** What a version belongs to: versions follow each other for one cycle (value, or operation and years) and currency. */
export function lineOf(price: PriceVersion): string {
  return [price.value ?? '', price.operation ?? '', price.years ?? '', cycleKey(price.cycle), price.price.currency].join('|')
}

export type Placed = PriceVersion & { standing: Standing }

/** `prices`: the youngest first, as the API gives them. In force is the first of its line that has begun. */
export function placed(prices: readonly PriceVersion[], on: string): Placed[] {
  const begun = new Set<string>()
  return prices.map((price) => {
    if (price.valid_from > on) return { ...price, standing: 'coming' }
    const line = lineOf(price)
    const first = !begun.has(line)
    begun.add(line)
    return { ...price, standing: first ? 'in_force' : 'former' }
  })
}

/** By what they are for, then the currency, then the youngest first. */
export function inOrder(prices: readonly Placed[]): Placed[] {
  const cycles = (one: Placed, other: Placed) => (one.cycle && other.cycle ? compareCycles(one.cycle, other.cycle) : 0)
  return [...prices].sort(
    (one, other) =>
      (one.value ?? '').localeCompare(other.value ?? '') ||
      (one.operation ?? '').localeCompare(other.operation ?? '') ||
      (one.years ?? 0) - (other.years ?? 0) ||
      one.price.currency.localeCompare(other.price.currency) ||
      cycles(one, other) ||
      other.version - one.version,
  )
}

/** How many subscriptions pay by a version. */
export function payersOf(impact: Impact | undefined, price: PriceVersion): number {
  const same = impact?.rows.filter(
    (row) => row.version === price.version && row.price.currency === price.price.currency && cycleKey(row.cycle) === cycleKey(price.cycle),
  )
  return same?.reduce((sum, row) => sum + row.subscriptions, 0) ?? 0
}

/** How many pay an older version than this one. */
export function olderPayers(impact: Impact, price: PriceVersion): number {
  const older = impact.rows.filter(
    (row) => row.version < price.version && row.price.currency === price.price.currency && cycleKey(row.cycle) === cycleKey(price.cycle),
  )
  return older.reduce((sum, row) => sum + row.subscriptions, 0)
}

/** Parts per million of the price that are left after the cost; null in two currencies, or of a price of nothing. */
export function marginOf(price: { amount: number; currency: string }, cost: { amount: number; currency: string }): number | null {
  return price.currency === cost.currency && price.amount > 0 ? (price.amount - cost.amount) / price.amount : null
}

export type CouponStanding = 'active' | 'withdrawn' | 'coming' | 'expired' | 'used_up'

export function couponStanding(coupon: Coupon, on: string): CouponStanding {
  if (coupon.state !== 'active') return 'withdrawn'
  if (coupon.valid_until && coupon.valid_until <= on) return 'expired'
  if (coupon.max_uses !== null && coupon.used_count >= coupon.max_uses) return 'used_up'
  return coupon.valid_from && coupon.valid_from > on ? 'coming' : 'active'
}
