import { expect, it } from 'vitest'
import { monthsUntil } from './months'

const DAY = new Date('2026-02-11T12:00:00Z')

it('lists the running month, and those before it over the years', () => {
  expect(monthsUntil(DAY, 3, []).map(({ month, state }) => [month, state])).toEqual([
    ['2026-02', 'running'],
    ['2026-01', 'open'],
    ['2025-12', 'open'],
  ])
})

it('reaches as far back as what is closed', () => {
  const months = monthsUntil(DAY, 2, [
    { month: '2026-01', closed_at: '2026-02-01T00:00:00Z' },
    { month: '2025-10', closed_at: '2025-11-01T00:00:00Z' },
  ])
  expect(months.map(({ month, state }) => [month, state])).toEqual([
    ['2026-02', 'running'],
    ['2026-01', 'closed'],
    ['2025-12', 'open'],
    ['2025-11', 'open'],
    ['2025-10', 'closed'],
  ])
})
