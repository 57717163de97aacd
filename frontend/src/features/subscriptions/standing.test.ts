import { describe, expect, it } from 'vitest'
import type { Change, Detail } from './queries'
import { badgeOf, nextCharge, nextFrom, openChanges } from './standing'

const usd = (amount: number) => ({ amount, currency: 'USD' })
const period = (start: string, end: string, ended_early = false) => ({
  start,
  end,
  ended_early,
  invoice_id: null,
  invoice_number: null,
  invoice_state: null,
})
const detail = {
  status: 'active',
  cancel_on: null,
  current_period_end: '2027-02-01',
  next_bill_on: '2027-01-25',
  next_charge: usd(2900),
  periods: [period('2027-01-01', '2027-02-01')],
} as unknown as Detail
const change = (kind: string, state: string, effective_on: string, next: number) =>
  ({ kind, state, effective_on, next_charge: usd(next) }) as unknown as Change

describe('what comes next', () => {
  it('is the next period that has no invoice', () => {
    expect(nextFrom(detail)).toBe('2027-02-01')
    expect(nextFrom({ ...detail, periods: [period('2027-02-01', '2027-03-01'), ...detail.periods] })).toBe('2027-03-01')
    expect(nextFrom({ ...detail, periods: [period('2027-01-01', '2028-01-01', true), ...detail.periods] })).toBe('2027-02-01')
    expect(nextCharge(detail, [])).toEqual({ on: '2027-01-25', from: '2027-02-01', amount: usd(2900), changed: false })
  })

  it('is nothing where nothing will be billed', () => {
    expect(nextCharge({ ...detail, next_bill_on: null }, [])).toBeNull()
  })

  it('is what a scheduled change or an announced price makes of it, once that is in force by then', () => {
    expect(nextCharge(detail, [change('plan', 'scheduled', '2027-02-01', 900)])?.amount).toEqual(usd(900))
    expect(nextCharge(detail, [change('price', 'scheduled', '2027-03-01', 3900)])?.amount).toEqual(usd(2900))
    expect(nextCharge(detail, [change('price', 'scheduled', '2027-02-01', 3900)])).toMatchObject({ amount: usd(3900), changed: true })
    expect(nextCharge(detail, [change('plan', 'waiting_payment', '2027-01-10', 9900)])?.amount).toEqual(usd(2900))
    expect(nextCharge(detail, [change('plan', 'withdrawn', '2027-01-10', 9900)])?.amount).toEqual(usd(2900))
  })

  it('tells what was asked for from a price that was announced', () => {
    const [mine, theirs] = [change('plan', 'scheduled', '2027-02-01', 1), change('price', 'scheduled', '2027-02-01', 2)]
    expect(openChanges([theirs, mine])).toEqual({ asked: mine, price: theirs })
  })

  it('is an end where it is cancelled and still runs', () => {
    expect([badgeOf({ status: 'active', cancel_on: '2027-02-01' }), badgeOf({ status: 'ended', cancel_on: '2027-02-01' })]).toEqual([
      'ending',
      'ended',
    ])
  })
})
