import { describe, expect, it } from 'vitest'
import { byDay, sumsOf } from './calendar-days'
import type { DayDue } from './queries'

const row = (day: string, what: DayDue['what'], count: number, amount: number, currency = 'USD'): DayDue => ({
  day,
  what,
  count,
  amount: { amount, currency },
})
const rows = [
  row('2027-01-02', 'renewal', 2, 5800),
  row('2027-01-01', 'end', 1, 0),
  row('2027-01-02', 'charge', 1, 2900),
  row('2027-01-03', 'renewal', 1, 100, 'JPY'),
  row('2027-01-03', 'renewal', 1, 2900),
]

describe('the calendar', () => {
  it('goes day by day', () => {
    expect(byDay(rows).map(({ day, rows: found }) => [day, found.length])).toEqual([
      ['2027-01-01', 1],
      ['2027-01-02', 2],
      ['2027-01-03', 2],
    ])
  })

  it('adds up each kind in each currency', () => {
    expect(sumsOf(rows).map(({ what, count, amount }) => [what, count, amount.amount, amount.currency])).toEqual([
      ['renewal', 3, 8700, 'USD'],
      ['end', 1, 0, 'USD'],
      ['charge', 1, 2900, 'USD'],
      ['renewal', 1, 100, 'JPY'],
    ])
  })
})
