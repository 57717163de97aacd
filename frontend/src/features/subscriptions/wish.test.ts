import { describe, expect, it } from 'vitest'
import { choiceOf, fitted, wishOf } from './wish'

const unit = { amount: 500, currency: 'USD' }
const item = (kind: string, code: string, quantity = 1, billing = 'each_period') => ({
  kind,
  code,
  name: code,
  quantity,
  unit,
  price_version: 1,
  billing,
})
const month = { unit: 'month', count: 1 } as const
const held = {
  plan_code: 'starter',
  cycle: month,
  items: [item('plan', 'starter'), item('addon', 'backups', 2), item('option', 'disk:extra'), item('setup', 'starter', 1, 'first_period')],
}

describe('what is asked for', () => {
  it('is nothing while the page says what is', () => {
    expect(wishOf(held, choiceOf(held))).toBeNull()
    expect(wishOf(held, { ...choiceOf(held), options: [{ code: 'disk', value: 'extra' }] })).toBeNull()
  })

  it('names only what differs', () => {
    const choice = choiceOf(held)
    expect(wishOf(held, { ...choice, addons: [{ code: 'backups', quantity: 1 }] })).toEqual({ addons: [{ code: 'backups', quantity: 1 }] })
    expect(wishOf(held, { ...choice, options: [] })).toEqual({ options: [] })
    expect(wishOf(held, { ...choice, options: [{ code: 'disk', value: 'huge' }] })).toEqual({ options: [{ code: 'disk', value: 'huge' }] })
  })

  it('names all that stands on the page with another plan or cycle', () => {
    const choice = choiceOf(held)
    expect(wishOf(held, { ...choice, plan: 'pro' })).toEqual({ plan: 'pro', addons: choice.addons, options: choice.options })
    expect(wishOf(held, { ...choice, cycle: { unit: 'year', count: 1 } })).toMatchObject({ cycle: { unit: 'year', count: 1 }, addons: choice.addons })
  })

  it('is a number of pieces of a product', () => {
    const care = { plan_code: 'care', cycle: month, items: [item('product', 'care', 2)] }
    expect(wishOf(care, { ...choiceOf(care), quantity: 3 })).toEqual({ quantity: 3 })
    expect(wishOf(care, choiceOf(care))).toBeNull()
  })

  it('leaves out what another plan does not sell', () => {
    const kept = fitted(choiceOf(held), { addons: [], options: [{ code: 'disk' }] as never })
    expect([kept.addons, kept.options.length]).toEqual([[], 1])
  })
})
