import { createFormatter } from 'next-intl'
import { describe, expect, it } from 'vitest'
import { inUnits, placesOf, plainAmount } from './money'

const shown = (locale: string, amount: number, currency: string) =>
  createFormatter({ locale }).number(inUnits({ amount, currency }), { style: 'currency', currency }).replaceAll(/\s/g, ' ')

describe('money', () => {
  it('knows the places of each currency', () => {
    expect([placesOf('USD'), placesOf('JPY'), placesOf('KWD')]).toEqual([2, 0, 3])
  })

  it('is shown by currency and language', () => {
    expect(shown('en', 10889, 'USD')).toBe('$108.89')
    expect(shown('de', 10889, 'EUR')).toBe('108,89 €')
    expect(shown('en', 2900, 'JPY')).toBe('¥2,900')
    expect(shown('en', -50, 'USD')).toBe('-$0.50')
  })

  it('is plain for machines', () => {
    expect(plainAmount({ amount: 2900, currency: 'USD' })).toBe('29.00')
    expect(plainAmount({ amount: 2900, currency: 'JPY' })).toBe('2900')
    expect(plainAmount({ amount: 1500, currency: 'KWD' })).toBe('1.500')
  })
})
