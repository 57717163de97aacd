export const PERIODS = ['this_year', 'last_year', 'last_quarter', 'this_month', 'own'] as const
export type Period = (typeof PERIODS)[number]

const day = (year: number, month: number, date: number) => new Date(Date.UTC(year, month, date)).toISOString().slice(0, 10)

/** First and last day, both included; `own` is none of ours to know. `today`: as YYYY-MM-DD. */
export function daysOf(period: Exclude<Period, 'own'>, today: string): { from: string; to: string } {
  const [year = 0, month = 1] = today.split('-').map(Number)
  if (period === 'this_year') return { from: day(year, 0, 1), to: today }
  if (period === 'last_year') return { from: day(year - 1, 0, 1), to: day(year - 1, 11, 31) }
  if (period === 'this_month') return { from: day(year, month - 1, 1), to: today }
  const first = Math.floor((month - 1) / 3) * 3 - 3
  return { from: day(year, first, 1), to: day(year, first + 3, 0) }
}
