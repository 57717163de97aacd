import { expect, test } from 'vitest'
import type { Plan, Tld } from '@/api/server'
import type { CartItem } from '@/features/cart'
import { estimate, sumOf } from './estimate'

const usd = (amount: number) => ({ amount, currency: 'USD' })
const MONTH = { unit: 'month' as const, count: 1 }
const YEAR = { unit: 'year' as const, count: 1 }
const price = (cycle: Plan['prices'][number]['cycle'], amount: number, setup = 0) => ({
  cycle,
  price: usd(amount),
  setup_fee: usd(setup),
  version: 1,
})
const plan = {
  code: 'professional',
  name: 'Professional',
  prices: [price(MONTH, 9900, 500), price(YEAR, 99_000)],
  trial_days: 0,
  included_domains: { count: 1, tlds: ['com'], minimum_cycle: YEAR, lasts: 'first_year' },
  options: [
    {
      code: 'disk',
      name: 'Disk',
      kind: 'quantity',
      minimum: 0,
      maximum: 20,
      required: false,
      description: '',
      values: [{ code: '10gb', name: '10 GB', features: [], limits: {}, prices: [{ cycle: MONTH, price: usd(200), version: 1 }] }],
    },
  ],
  addons: [{ code: 'ip', name: 'IP', prices: [price(MONTH, 400, 1000)], in_stock: true }],
} as unknown as Plan
const tlds = [{ tld: 'com', register_price: usd(1499) }] as Tld[]
const setupOf = (name: string) => `Setup of ${name}`
const hosting = (more: Partial<Extract<CartItem, { kind: 'hosting' }>>): CartItem => ({
  kind: 'hosting',
  plan: 'professional',
  cycle: MONTH,
  domain: { kind: 'register', name: 'shop.com', years: 1 },
  ...more,
})
const of = (item: CartItem, given = plan) => estimate([item], { plans: [given], products: [], tlds }, setupOf)

test('a plan with setup, pieces of an option and an add-on is the sum of its parts', () => {
  const [line, name] = of(hosting({ options: [{ code: 'disk', quantity: 3 }], addons: [{ code: 'ip', quantity: 2 }] }))
  expect(line?.parts.map((part) => [part.text, part.price?.amount])).toEqual([
    ['Professional', 9900],
    ['Setup of Professional', 500],
    ['Disk × 3', 600],
    ['IP × 2', 800],
    ['Setup of IP', 2000],
  ])
  expect([line?.price, name?.price]).toEqual([usd(13_800), usd(1499)])
})

test('a name comes with the plan from the cycle on that is asked for, its first year only', () => {
  const domain = { kind: 'register' as const, name: 'shop.com', years: 3 }
  const [monthly, yearly] = [of(hosting({ domain }))[1], of(hosting({ domain, cycle: YEAR }))[1]]
  expect([monthly?.price, monthly?.included, yearly?.price, yearly?.included]).toEqual([usd(4497), false, usd(2998), true])
})

test('on trial nothing of the plan is paid now, and no name is given away', () => {
  const [line, name] = of(hosting({ cycle: YEAR }), { ...plan, trial_days: 14 })
  expect([line?.price, line?.trialDays, name?.price, name?.included]).toEqual([usd(0), 14, usd(1499), false])
})

test('what is not sold so makes the sum unknown', () => {
  expect(of(hosting({ cycle: { unit: 'week', count: 1 } }))[0]?.price).toBeNull()
  expect([sumOf([usd(1), null]), sumOf([]), sumOf([usd(1), { amount: 1, currency: 'EUR' }]), sumOf([usd(1), usd(2)])]).toEqual([
    null,
    null,
    null,
    usd(3),
  ])
})
