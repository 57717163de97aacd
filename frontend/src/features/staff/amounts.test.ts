import { describe, expect, it } from 'vitest'
import { moneyText, parseMoney, parsePercent, parseRate, rateText } from './amounts'

describe('money that somebody types', () => {
  it.each([
    ['12.50', 'USD', 1250],
    ['12,5', 'EUR', 1250],
    ['-3', 'USD', -300],
    ['2900', 'JPY', 2900],
    ['1.234', 'KWD', 1234],
    ['0', 'USD', 0],
    ['90071992547.40', 'USD', 9007199254740],
  ])('%s %s', (text, currency, amount) => {
    expect(parseMoney(text, currency)).toEqual({ amount, currency })
  })

  it.each([
    ['1,234.56', 'USD'],
    ['12.505', 'USD'],
    ['1.5', 'JPY'],
    ['', 'USD'],
    ['abc', 'USD'],
    ['1e3', 'USD'],
    ['5', 'usd'],
  ])('refuses %j %s', (text, currency) => {
    expect(parseMoney(text, currency)).toBeNull()
  })

  it('comes back as it was', () => {
    expect(moneyText({ amount: 1250, currency: 'USD' })).toBe('12.50')
    expect(moneyText(null)).toBe('')
  })
})

describe('rates', () => {
  it('are read in parts per million', () => {
    expect([parsePercent('19'), parsePercent('8,1'), parsePercent('-1'), parsePercent('19.00001')]).toEqual([190000, 81000, null, null])
    expect([parseRate('1.085'), parseRate('0'), parseRate('0.0061')]).toEqual([1085000, null, 6100])
  })

  it('are shown with two places or more', () => {
    expect([rateText(1085000), rateText(6100), rateText(1000000)]).toEqual(['1.085', '0.0061', '1.00'])
  })
})
