import { describe, expect, it } from 'vitest'
import type { LineReasons } from './queries'
import { priceOf, roundingOf, shareOf, taxOf } from './reasons'

const usd = (amount: number) => ({ amount, currency: 'USD' })

function reasons(line: Partial<LineReasons['line']>, details: Record<string, unknown> = {}): LineReasons {
  const whole = { quantity: 1, unit_net: usd(1000), net: usd(1000), tax: usd(190), gross: usd(1190), tax_rate_ppm: 190000, ...line }
  return { line: whole, details } as unknown as LineReasons
}

describe('where a price comes from', () => {
  it('is a version of the list', () => {
    expect(priceOf(reasons({}, { code: 'professional', price_version: 3, unit_minor: 1000, quantity: 1 }))).toMatchObject({
      kind: 'list',
      product: 'professional',
      version: 3,
      listed: null,
    })
  })

  it('is staff, with a reason, where the list says otherwise', () => {
    const override = { list_minor: 1200, unit_minor: 1000, reason: 'Agreed', by: 'staff:1' }
    expect(priceOf(reasons({}, { product: 'plan:pro', price_version: 2, override }))).toMatchObject({
      kind: 'override',
      listed: usd(1200),
      reason: 'Agreed',
      by: 'staff:1',
    })
  })

  it('is what is net of a list with the tax in it', () => {
    expect(priceOf(reasons({}, { price_version: 1, unit_minor: 1190, quantity: 1 }))).toMatchObject({ kind: 'inclusive', listed: usd(1190) })
  })

  it('is free, or as it was ordered', () => {
    expect(priceOf(reasons({}, { source: 'free', reason: null })).kind).toBe('free')
    expect(priceOf(reasons({})).kind).toBe('ordered')
  })
})

describe('how a tax was rounded', () => {
  it('is told from the numbers', () => {
    expect(roundingOf(reasons({}))).toBe('line')
    expect(roundingOf(reasons({ tax: usd(191) }))).toBe('share')
    expect(roundingOf(reasons({ tax: usd(191) }, { unit_minor: 1191, quantity: 1 }))).toBe('inclusive')
    expect(roundingOf(reasons({ tax: usd(0), tax_rate_ppm: 0 }))).toBe('none')
  })

  it('is exact beyond what a float holds', () => {
    expect(shareOf(9_007_199_254_740_991, 500_000)).toBe(4_503_599_627_370_496)
    expect([shareOf(-5, 100_000), shareOf(5, 100_000), shareOf(4, 100_000)]).toEqual([-1, 1, 0])
  })
})

it('reads what was decided about the tax, and nothing that is not there', () => {
  expect(taxOf(reasons({}, { tax: { reason: 'rate', scheme: 'oss', rule_version: 2, place: 'DE' } }))).toEqual({
    reason: 'rate',
    scheme: 'oss',
    place: 'DE',
    idState: null,
    ruleVersion: 2,
  })
  expect(taxOf(reasons({})).reason).toBeNull()
})
