import { describe, expect, it } from 'vitest'
import { dayIn } from '@/lib/day'
import type { Coupon, PriceVersion } from './queries'
import { couponStanding, inOrder, marginOf, payersOf, placed } from './versions'

function price(version: number, valid_from: string, { currency = 'USD', unit = 'month' as const, amount = 1000 } = {}): PriceVersion {
  const money = { amount, currency }
  const cycle = { unit, count: 1 }
  return {
    id: `${unit}${currency}${version}`,
    cycle,
    operation: null,
    years: null,
    value: null,
    price: money,
    setup_fee: null,
    cost: null,
    margin: null,
    margin_ppm: null,
    version,
    valid_from,
  }
}

describe('versions of a price', () => {
  const prices = [price(3, '2030-01-01'), price(2, '2026-05-01'), price(1, '2026-01-01'), price(1, '2026-01-01', { currency: 'EUR' })]

  it('one of each line is in force', () => {
    expect(placed(prices, '2026-06-01').map(({ standing }) => standing)).toEqual(['coming', 'in_force', 'former', 'in_force'])
    expect(placed(prices, '2026-02-01').map(({ standing }) => standing)).toEqual(['coming', 'coming', 'in_force', 'in_force'])
    expect(placed(prices, '2030-01-01')[0]?.standing).toBe('in_force')
  })

  it('stand by currency, the youngest first', () => {
    expect(inOrder(placed(prices, '2026-06-01')).map(({ id }) => id)).toEqual(['monthEUR1', 'monthUSD3', 'monthUSD2', 'monthUSD1'])
  })

  it('know how many pay by them', () => {
    const row = { newest_version: 3, after: null, change: null, before: { amount: 1000, currency: 'USD' }, price: { amount: 1000, currency: 'USD' } }
    const impact = {
      subscriptions: 5,
      rows: [
        { ...row, cycle: { unit: 'month' as const, count: 1 }, version: 2, subscriptions: 4 },
        { ...row, cycle: { unit: 'month' as const, count: 3 }, version: 2, subscriptions: 1 },
      ],
    }
    expect(prices.map((each) => payersOf(impact, each))).toEqual([0, 4, 0, 0])
    expect(payersOf(undefined, price(1, '2026-01-01'))).toBe(0)
  })
})

it('the seller’s day is not always that of UTC', () => {
  const late = new Date('2026-12-31T23:30:00Z')
  expect([dayIn('UTC', late), dayIn('Europe/Berlin', late), dayIn('America/New_York', late)]).toEqual(['2026-12-31', '2027-01-01', '2026-12-31'])
})

describe('margins', () => {
  it('are told in one currency only', () => {
    expect(marginOf({ amount: 1500, currency: 'USD' }, { amount: 900, currency: 'USD' })).toBeCloseTo(0.4)
    expect(marginOf({ amount: 1500, currency: 'USD' }, { amount: 900, currency: 'EUR' })).toBeNull()
    expect(marginOf({ amount: 0, currency: 'USD' }, { amount: 900, currency: 'USD' })).toBeNull()
  })
})

describe('how a coupon stands', () => {
  const coupon = { state: 'active', valid_from: null, valid_until: null, max_uses: null, used_count: 3 } as unknown as Coupon
  it.each([
    [{}, 'active'],
    [{ state: 'withdrawn' }, 'withdrawn'],
    [{ valid_until: '2026-06-02' }, 'active'],
    [{ valid_until: '2026-06-01' }, 'expired'],
    [{ valid_from: '2026-06-02' }, 'coming'],
    [{ max_uses: 3 }, 'used_up'],
    [{ max_uses: 4 }, 'active'],
  ])('%o is %s', (change, standing) => expect(couponStanding({ ...coupon, ...change } as Coupon, '2026-06-01')).toBe(standing))
})
