import type { UsageDay } from './queries'

/** What of a quota the reader needs to know, by the thresholds that alerts are raised at. */
export type Fullness = 'free' | 'taken' | 'filling' | 'full' | 'over' | 'unlimited'

interface Counted {
  limit: number | null
  used: number
  reserved: number
}

const FILLING = 80

/** How full in percent, reservations counted, for what is held can't be taken by anybody else. Null where unlimited; without any room: full. */
export function percentOf({ limit, used, reserved }: Counted): number | null {
  if (limit === null) return null
  if (limit === 0) return used + reserved > 0 ? Math.max(100, (used + reserved) * 100) : 100
  return ((used + reserved) / limit) * 100
}

export function fullnessOf(quota: Counted): Fullness {
  const percent = percentOf(quota)
  if (percent === null || quota.limit === null) return 'unlimited'
  if (quota.used > quota.limit) return 'over'
  // The only one that there is, such as the account of a plan: that it is used is how it should be.
  if (quota.limit === 1 && percent >= 100) return 'taken'
  if (percent >= 100) return 'full'
  return percent >= FILLING ? 'filling' : 'free'
}

/** The one that will be full first; nothing where none has a limit. What is not part of the plan is not full, and what there is one of is as it should be. */
export function fullest<Q extends Counted>(quotas: readonly Q[]): Q | undefined {
  const counted = quotas.filter((quota) => quota.limit !== null && (quota.limit > 1 || quota.used > quota.limit))
  return counted.reduce<Q | undefined>((most, quota) => (most && (percentOf(most) ?? 0) >= (percentOf(quota) ?? 0) ? most : quota), undefined)
}

export type Standing = 'active' | 'suspended' | 'expired' | 'cancelled'

/** Expired is no state of the license's own: its end has passed. What was suspended or cancelled by somebody is told before that. */
export function standingOf(license: { status: string; expires_at: string | null }, now: number): Standing {
  if (license.status === 'cancelled' || license.status === 'suspended') return license.status
  if (license.status === 'expired') return 'expired'
  return license.expires_at !== null && Date.parse(license.expires_at) <= now ? 'expired' : 'active'
}

export interface Span {
  from: string
  to: string
}

const DAY = 86_400_000
const iso = (at: number) => new Date(at).toISOString().slice(0, 10)

/** The first of so many days. The last is left to the API, which knows the shop's own today. */
export function firstOf(days: number, now: number): string {
  return iso(now - (days - 1) * DAY)
}

export interface Point {
  day: string
  used: number
}

/** One point a day. The API tells the days with a change; between them it stays as it was, and before the first as it was before that change. */
export function fillForward(days: readonly UsageDay[], resource: string, { from, to }: Span, now: number): Point[] {
  const known = days.filter((each) => each.resource === resource).sort((one, other) => one.day.localeCompare(other.day))
  const changed = new Map(known.map((each) => [each.day, each.used]))
  const first = known[0]
  let used = first ? Math.max(0, first.used - first.created + first.deleted) : now
  const points: Point[] = []
  for (let at = Date.parse(from); at <= Date.parse(to); at += DAY) {
    const day = iso(at)
    used = changed.get(day) ?? used
    points.push({ day, used })
  }
  return points
}
