import { expect, it } from 'vitest'
import { lastDay, laterDay } from './day'

it('counts days over the ends of months', () => {
  expect([laterDay('2026-12-31', 1), laterDay('2026-11-22', 31), lastDay('2027-03-01'), lastDay('2028-03-01')]).toEqual([
    '2027-01-01',
    '2026-12-23',
    '2027-02-28',
    '2028-02-29',
  ])
})
