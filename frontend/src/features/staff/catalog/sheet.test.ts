import { describe, expect, it } from 'vitest'
import { Problem } from '@/api/client'
import { parseAmount, parsePercent, Sheet, typedAmount, typedPercent } from './sheet'

describe('amounts as they are typed', () => {
  it.each([
    ['9.99', 'USD', 999],
    ['9,99', 'EUR', 999],
    ['0', 'USD', 0],
    ['12', 'USD', 1200],
    ['1.5', 'USD', 150],
    ['1.500', 'USD', 150],
    ['500', 'JPY', 500],
    ['500.00', 'JPY', 500],
    ['1.234', 'KWD', 1234],
    ['4503599627.37', 'USD', 450359962737],
  ])('%s %s', (text, currency, amount) => expect(parseAmount(text, currency)).toBe(amount))

  it.each([
    ['', 'USD'],
    ['-1', 'USD'],
    ['1.234', 'USD'],
    ['1,000.00', 'USD'],
    ['12 dollars', 'USD'],
    ['1.5', 'JPY'],
  ])('%s %s is none', (text, currency) => expect(parseAmount(text, currency)).toBeNull())

  it('come back as they were', () => {
    for (const [amount, currency] of [
      [5, 'USD'],
      [999, 'USD'],
      [500, 'JPY'],
      [1234, 'KWD'],
    ] as const)
      expect(parseAmount(typedAmount(amount, currency), currency)).toBe(amount)
    expect(typedAmount(5, 'USD')).toBe('0.05')
  })
})

describe('percentages', () => {
  it('are parts per million', () => {
    expect(parsePercent('10')).toBe(100_000)
    expect(parsePercent('12,5')).toBe(125_000)
    expect(parsePercent('0.0001')).toBe(1)
    expect(typedPercent(125_000)).toBe('12.5')
  })
  it.each(['', '0', '100.1', 'ten', '0.00001'])('%s is none', (text) => expect(parsePercent(text)).toBeNull())
})

describe('a sheet', () => {
  const words = { whole: 'a whole number', amount: 'an amount', percent: 'a percentage' }
  it('tells everything that cannot be read at once, and sends nothing', () => {
    const sheet = new Sheet(words)
    sheet.whole('count', '1.5')
    sheet.amount('price', 'free', 'USD')
    const check = () => sheet.check()
    expect(check).toThrow(Problem)
    try {
      sheet.check()
    } catch (error) {
      expect((error as Problem).fields.map(({ field }) => field)).toEqual(['count', 'price'])
    }
  })
  it('takes nothing for no limit, and never what cannot be read', () => {
    const sheet = new Sheet(words)
    expect(sheet.limit('max_uses', ' ')).toBeNull()
    expect(sheet.limit('max_uses', '10')).toBe(10)
    sheet.check()
    sheet.limit('max_uses', 'x')
    expect(() => sheet.check()).toThrow(Problem)
  })
})
