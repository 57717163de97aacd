const DAY = 86_400_000

/** Where a journey of some days or a month ends: a month later is the same day of the next one, or its last. */
export function monthLater(now: Date): Date {
  const later = new Date(now)
  later.setUTCMonth(later.getUTCMonth() + 1)
  if (later.getUTCDate() !== now.getUTCDate()) later.setUTCDate(0)
  return later
}

/** How much of a journey is done, in hundredths; whole days, for the clock stops at each. */
export function progressOf(from: string, now: string, until: string): { percent: number; days: number; of: number } {
  const [start, here, end] = [from, now, until].map((moment) => Date.parse(moment)) as [number, number, number]
  const of = Math.max(1, Math.ceil((end - start) / DAY))
  const days = Math.min(of, Math.max(0, Math.floor((here - start) / DAY)))
  const percent = end > start ? Math.min(100, Math.max(0, Math.round((100 * (here - start)) / (end - start)))) : 100
  return { percent, days, of }
}

/** An offset in days, hours and minutes. */
export function partsOf(seconds: number): { days: number; hours: number; minutes: number } {
  const minutes = Math.round(Math.abs(seconds) / 60)
  return { days: Math.floor(minutes / 1440), hours: Math.floor((minutes % 1440) / 60), minutes: minutes % 60 }
}
