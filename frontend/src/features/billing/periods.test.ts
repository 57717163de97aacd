import { expect, test } from 'vitest'
import { daysOf } from './periods'

test('the last quarter of January is the autumn before', () => {
  expect(daysOf('last_quarter', '2027-01-15')).toEqual({ from: '2026-10-01', to: '2026-12-31' })
  expect(daysOf('last_quarter', '2026-05-31')).toEqual({ from: '2026-01-01', to: '2026-03-31' })
})

test('years and months end where they end', () => {
  expect(daysOf('last_year', '2026-11-21')).toEqual({ from: '2025-01-01', to: '2025-12-31' })
  expect(daysOf('this_year', '2026-11-21')).toEqual({ from: '2026-01-01', to: '2026-11-21' })
  expect(daysOf('this_month', '2024-02-29')).toEqual({ from: '2024-02-01', to: '2024-02-29' })
})
