import { describe, expect, it } from 'vitest'
import { standingOfCard } from './standing'

const card = { barred: false, expires_on: '2027-03-31', problem: null }
const on = (day: string) => Date.parse(`${day}T12:00:00Z`)

describe('a saved card', () => {
  it('is good until the end of its last day', () => {
    expect(standingOfCard(card, on('2027-01-01'))).toBe('fine')
    expect(standingOfCard(card, on('2027-03-01'))).toBe('expiring')
    expect(standingOfCard(card, on('2027-03-31'))).toBe('expiring')
    expect(standingOfCard(card, on('2027-04-01'))).toBe('expired')
  })

  it('says the worst of what its bank said', () => {
    expect(standingOfCard({ ...card, problem: 'insufficient_funds' }, on('2027-03-01'))).toBe('problem')
    expect(standingOfCard({ ...card, problem: 'insufficient_funds' }, on('2027-04-01'))).toBe('expired')
    expect(standingOfCard({ ...card, problem: 'bank_declined', barred: true }, on('2027-01-01'))).toBe('barred')
  })
})
