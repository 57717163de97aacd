import { describe, expect, it } from 'vitest'
import { courseOf, paymentState, waitsForAddress } from './course'
import type { Order, OrderLine } from './queries'

const MONEY = { amount: 100, currency: 'USD' }
const SURE = { verified: true, payment: 'unpaid' } as const

function line(kind: 'hosting' | 'domain', state: string, rest: Partial<OrderLine> = {}): OrderLine {
  const own = { id: `${kind}-${state}`, kind, state, description: kind, plan: null, cycle: null, domain_name: 'a.com', domain_choice: null }
  const terms = { quantity: 1, trial_days: 0, included_for: null, list_price: MONEY, discount: { ...MONEY, amount: 0 }, parts: [] }
  return { ...own, ...terms, years: null, net: MONEY, tax: MONEY, reason: null, result: {}, ...rest }
}

const STAGE: Record<string, string> = { delivered: 'done', refused: 'attention', parked: 'attention', cancelled: 'cancelled' }

/** As the API answers: each line has its stage. */
function order(state: string, lines: OrderLine[]): Order {
  const paid = state !== 'pending'
  const steps = [
    { name: 'paid', state: paid ? 'done' : 'current', at: paid ? '2026-01-01T10:00:00Z' : null, reason: null, line_id: null },
    ...lines.map((each) => {
      const stage = STAGE[each.state] ?? (paid ? 'current' : 'waiting')
      return { name: each.kind, state: stage, at: null, reason: each.reason, line_id: each.id }
    }),
    { name: 'completed', state: state === 'completed' ? 'done' : 'waiting', at: null, reason: null, line_id: null },
  ]
  return { state, lines, steps } as unknown as Order
}

const shown = (...given: Parameters<typeof courseOf>) =>
  courseOf(...given).map((step) => `${step.name} ${step.state}${step.reason ? ` ${step.reason}` : ''}`)

describe('the course of an order', () => {
  it('goes from payment to mail', () => {
    const under = order('paid', [line('hosting', 'requested', { result: { license_id: 'l' } }), line('domain', 'delivered')])
    expect(shown(under, SURE)).toEqual(['paid done', 'license done', 'domain done', 'account working', 'mail waiting'])
  })

  it('leaves out what was not ordered', () => {
    expect(shown(order('paid', [line('domain', 'requested')]), SURE)).toEqual(['paid done', 'domain working', 'mail waiting'])
  })

  it('never says that delivery is under way while the address is not confirmed', () => {
    const waiting = order('paid', [line('hosting', 'waiting'), line('domain', 'waiting')])
    expect(shown(waiting, { verified: false, payment: 'unpaid' })).toEqual([
      'paid done',
      'license attention unconfirmed',
      'domain attention unconfirmed',
      'account attention unconfirmed',
      'mail waiting',
    ])
    expect(waitsForAddress(waiting, false)).toBe(true)
    expect(waitsForAddress(waiting, true)).toBe(false)
  })

  it('believes the line that is under way more than an old word about the address', () => {
    const under = order('paid', [line('hosting', 'requested')])
    expect(shown(under, { verified: false, payment: 'unpaid' })).toContain('account working')
    expect(waitsForAddress(under, false)).toBe(false)
  })

  it.each(['declined', 'expired', 'unpaid'] as const)('needs the customer when %s', (payment) => {
    expect(shown(order('pending', [line('hosting', 'waiting')]), { verified: true, payment })[0]).toBe(`paid attention ${payment}`)
  })

  it('works only while the gateway looks', () => {
    expect(shown(order('pending', [line('hosting', 'waiting')]), { verified: true, payment: 'processing' })[0]).toBe('paid working')
  })

  it('lets the worst of several lines speak', () => {
    const mixed = order('paid', [line('domain', 'delivered'), line('domain', 'refused', { reason: 'taken' })])
    expect(shown(mixed, SURE)).toContain('domain attention taken')
  })
})

describe('the last attempt to pay', () => {
  it.each([
    [null, 'unpaid'],
    [{ status: 'open', failure: null }, 'unpaid'],
    [{ status: 'open', failure: 'card_declined' }, 'declined'],
    [{ status: 'failed', failure: 'expired_card' }, 'declined'],
    [{ status: 'expired', failure: null }, 'expired'],
    [{ status: 'succeeded', failure: null }, 'processing'],
  ] as const)('%j is %s', (attempt, state) => {
    expect(paymentState(attempt)).toBe(state)
  })
})
