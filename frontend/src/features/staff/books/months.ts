export interface Month {
  /** Such as 2026-06. */
  month: string
  state: 'running' | 'open' | 'closed'
  closedAt: string | null
}

const YEAR = 12

/** This month and those before it, the youngest first, as far back as the oldest that is closed. */
export function monthsUntil(day: Date, count: number, closed: readonly { month: string; closed_at: string }[]): Month[] {
  const known = new Map(closed.map((each) => [each.month, each.closed_at]))
  const place = day.getUTCFullYear() * YEAR + day.getUTCMonth()
  const oldest = Math.min(...closed.map(({ month }) => Number(month.slice(0, 4)) * YEAR + Number(month.slice(5)) - 1), place - count + 1)
  return Array.from({ length: place - oldest + 1 }, (_, back) => {
    const at = place - back
    const month = `${Math.floor(at / YEAR)}-${String((at % YEAR) + 1).padStart(2, '0')}`
    const closedAt = known.get(month) ?? null
    return { month, closedAt, state: closedAt ? 'closed' : back === 0 ? 'running' : 'open' }
  })
}
