import { expect, it } from 'vitest'
import { quarterOf, quartersUntil } from './quarters'

it('counts quarters back over the years', () => {
  const day = new Date('2026-02-03T00:00:00Z')
  expect(quarterOf(day)).toBe('2026-Q1')
  expect(quarterOf(new Date('2026-12-31T23:00:00Z'))).toBe('2026-Q4')
  expect(quartersUntil(day, 3)).toEqual(['2026-Q1', '2025-Q4', '2025-Q3'])
})
