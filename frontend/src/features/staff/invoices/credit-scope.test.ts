import { describe, expect, it } from 'vitest'
import { scopeOf } from './credit-scope'

const choice = { way: 'whole' as const, amount: '', lines: {} }

describe('what a credit note takes back', () => {
  it('is everything where nothing is named', () => {
    expect(scopeOf(choice, 'USD')).toEqual({})
  })

  it('is an amount over all lines', () => {
    expect(scopeOf({ ...choice, way: 'amount', amount: '12.50' }, 'USD')).toEqual({ amount: { amount: 1250, currency: 'USD' } })
    expect(scopeOf({ ...choice, way: 'amount', amount: '12.505' }, 'USD')).toBeNull()
  })

  it('is whole lines, or an amount of each', () => {
    expect(scopeOf({ ...choice, way: 'lines', lines: { a: '', b: ' ' } }, 'USD')).toEqual({ lines: ['a', 'b'] })
    expect(scopeOf({ ...choice, way: 'lines', lines: { a: '5' } }, 'USD')).toEqual({
      by_line: [{ id: 'a', amount: { amount: 500, currency: 'USD' } }],
    })
    expect(scopeOf({ ...choice, way: 'lines', lines: { a: '5', b: '' } }, 'USD')).toBeNull()
    expect(scopeOf({ ...choice, way: 'lines' }, 'USD')).toBeNull()
  })
})
