import type { DayDue } from './queries'

export interface CalendarDay {
  day: string
  rows: DayDue[]
}

/** Day by day, each with what falls due on it, in the API's order. */
export function byDay(rows: readonly DayDue[]): CalendarDay[] {
  const days = new Map<string, DayDue[]>()
  for (const row of rows) days.set(row.day, [...(days.get(row.day) ?? []), row])
  return [...days].sort(([one], [other]) => one.localeCompare(other)).map(([day, found]) => ({ day, rows: found }))
}

/** Each kind in each currency added up: whole minor units, never across currencies. */
export function sumsOf(rows: readonly DayDue[]): DayDue[] {
  const sums = new Map<string, DayDue>()
  for (const row of rows) {
    const key = `${row.what} ${row.amount.currency}`
    const known = sums.get(key)
    const amount = { ...row.amount, amount: row.amount.amount + (known?.amount.amount ?? 0) }
    sums.set(key, { ...row, count: row.count + (known?.count ?? 0), amount })
  }
  return [...sums.values()]
}
