/** A billing cycle as the API names it; `once`: charged once, with no period after it. */
export interface Cycle {
  unit: 'day' | 'week' | 'month' | 'year' | 'once'
  count: number
}

const DAYS = { day: 1, week: 7, month: 30.5, year: 366, once: Number.POSITIVE_INFINITY } as const

export function cycleKey({ unit, count }: Cycle): string {
  return `${count}-${unit}`
}

/** About how many days, twelve months being a year: for putting cycles in order, never for a date. */
export function lengthOf({ unit, count }: Cycle): number {
  return DAYS[unit] * count
}
