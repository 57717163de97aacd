const MONTHS = 3
const FOUR = 4

/** `2026-Q4` of a day. */
export function quarterOf(day: Date): string {
  return `${day.getUTCFullYear()}-Q${Math.floor(day.getUTCMonth() / MONTHS) + 1}`
}

/** This quarter and those before it, the youngest first. */
export function quartersUntil(day: Date, count: number): string[] {
  const place = day.getUTCFullYear() * FOUR + Math.floor(day.getUTCMonth() / MONTHS)
  return Array.from({ length: count }, (_, back) => `${Math.floor((place - back) / FOUR)}-Q${((place - back) % FOUR) + 1}`)
}
