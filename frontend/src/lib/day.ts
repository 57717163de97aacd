/** Which day it is somewhere, as the API writes it: prices change with the seller's day. */
export function dayIn(timeZone: string, now: Date): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone }).format(now)
}

/** So many days after a day. */
export function laterDay(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

/** Periods are told with their last day, on pages as on documents; the API says the first one after it. */
export function lastDay(end: string): string {
  return laterDay(end, -1)
}
