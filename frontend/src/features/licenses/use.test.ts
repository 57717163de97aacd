import { expect, test } from 'vitest'
import { fillForward, firstOf, fullest, fullnessOf, percentOf, standingOf } from './use'

const quota = (used: number, limit: number | null, reserved = 0) => ({ used, limit, reserved })

test('a quota says what its reader needs to know', () => {
  expect(fullnessOf(quota(7, 10))).toBe('free')
  expect(fullnessOf(quota(8, 10))).toBe('filling')
  expect(fullnessOf(quota(7, 10, 1))).toBe('filling')
  expect(fullnessOf(quota(10, 10))).toBe('full')
  expect(fullnessOf(quota(9, 10, 1))).toBe('full')
  expect(fullnessOf(quota(11, 10))).toBe('over')
  expect(fullnessOf(quota(1000, null))).toBe('unlimited')
  expect(fullnessOf(quota(1, 1))).toBe('taken')
  expect(fullnessOf(quota(2, 1))).toBe('over')
})

test('a plan that allows none of it is full with none, and over with one', () => {
  expect(percentOf(quota(0, 0))).toBe(100)
  expect(fullnessOf(quota(0, 0))).toBe('full')
  expect(fullnessOf(quota(1, 0))).toBe('over')
})

test('the fullest is the one that is full first, unlimited ones apart', () => {
  expect(fullest([quota(5, 10), quota(90, 100), quota(1000, null)])).toEqual(quota(90, 100))
  expect(fullest([quota(0, 10), quota(12, 10)])).toEqual(quota(12, 10))
  expect(fullest([quota(0, 0), quota(1, 10)])).toEqual(quota(1, 10))
  expect(fullest([quota(1, 1), quota(1, 10)])).toEqual(quota(1, 10))
  expect(fullest([quota(2, 1), quota(9, 10)])).toEqual(quota(2, 1))
  expect(fullest([quota(3, null)])).toBeUndefined()
  expect(fullest([])).toBeUndefined()
})

test('a license whose end has passed is expired, but what somebody decided is told first', () => {
  const now = Date.parse('2026-11-20T12:00:00Z')
  expect(standingOf({ status: 'active', expires_at: '2026-11-20T12:00:01Z' }, now)).toBe('active')
  expect(standingOf({ status: 'active', expires_at: '2026-11-20T12:00:00Z' }, now)).toBe('expired')
  expect(standingOf({ status: 'active', expires_at: null }, now)).toBe('active')
  expect(standingOf({ status: 'suspended', expires_at: '2026-11-01T00:00:00Z' }, now)).toBe('suspended')
  expect(standingOf({ status: 'cancelled', expires_at: '2026-11-01T00:00:00Z' }, now)).toBe('cancelled')
})

test('thirty days begin thirty days before tomorrow', () => {
  expect(firstOf(30, Date.parse('2026-03-01T23:30:00Z'))).toBe('2026-01-31')
  expect(firstOf(1, Date.parse('2026-03-01T00:00:00Z'))).toBe('2026-03-01')
})

const change = (day: string, used: number, created: number, deleted = 0) => ({ day, resource: 'databases', used, peak: used, created, deleted })

test('between two changes it stays as it was, and before the first as it was then', () => {
  const days = [change('2026-11-04', 5, 1, 3), change('2026-11-02', 7, 2)]
  const points = fillForward(days, 'databases', { from: '2026-11-01', to: '2026-11-05' }, 99)
  expect(points.map(({ used }) => used)).toEqual([5, 7, 7, 5, 5])
  expect(points.map(({ day }) => day)).toEqual(['2026-11-01', '2026-11-02', '2026-11-03', '2026-11-04', '2026-11-05'])
})

test('without a change it stood all the time where it stands now', () => {
  const other = { ...change('2026-11-02', 7, 2), resource: 'emails' }
  expect(fillForward([other], 'databases', { from: '2026-11-01', to: '2026-11-03' }, 4).map(({ used }) => used)).toEqual([4, 4, 4])
})

test('a year that has a switch to summer time has no day twice', () => {
  const points = fillForward([], 'databases', { from: '2025-11-21', to: '2026-11-20' }, 0)
  expect(points).toHaveLength(365)
  expect(new Set(points.map(({ day }) => day)).size).toBe(365)
})
