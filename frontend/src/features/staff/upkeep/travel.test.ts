import { describe, expect, it } from 'vitest'
import { monthLater, partsOf, progressOf } from './travel'

describe('a journey of the clock', () => {
  it('of a month ends on the same day, or on the last of a shorter one', () => {
    const on = (day: string) =>
      monthLater(new Date(`${day}T08:00:00Z`))
        .toISOString()
        .slice(0, 10)
    expect([on('2027-01-15'), on('2027-01-31'), on('2028-01-30'), on('2026-12-31')]).toEqual(['2027-02-15', '2027-02-28', '2028-02-29', '2027-01-31'])
  })

  it('is as far as the days that are behind it', () => {
    const from = '2027-01-01T00:00:00Z'
    expect(progressOf(from, '2027-01-03T00:00:00Z', '2027-01-09T00:00:00Z')).toEqual({ percent: 25, days: 2, of: 8 })
    expect(progressOf(from, '2027-01-20T00:00:00Z', '2027-01-09T00:00:00Z')).toEqual({ percent: 100, days: 8, of: 8 })
    expect(progressOf(from, from, from).percent).toBe(100)
  })

  it('is told in days, hours and minutes', () => {
    expect(partsOf(90_061)).toEqual({ days: 1, hours: 1, minutes: 1 })
    expect(partsOf(0)).toEqual({ days: 0, hours: 0, minutes: 0 })
  })
})
