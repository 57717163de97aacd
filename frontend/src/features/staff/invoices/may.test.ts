import { describe, expect, it } from 'vitest'
import { deedsOf } from './may'

const standing = (state: string, paid = 0, credited = 0) => ({
  state,
  paid: { amount: paid },
  credited: { amount: credited },
  total: { amount: 1000 },
})

describe('what can be done with an invoice', () => {
  it('begins with what comes next', () => {
    expect(deedsOf(standing('draft'))).toEqual(['issue', 'edit', 'discard'])
    expect(deedsOf(standing('open'))[0]).toBe('pay')
    expect(deedsOf(standing('paid'))).toEqual(['send', 'credit'])
  })

  it('never voids what was paid in part, nor credits what was taken back', () => {
    expect(deedsOf(standing('open'))).toContain('void')
    expect(deedsOf(standing('open', 1))).not.toContain('void')
    expect(deedsOf(standing('uncollectible', 1))).not.toContain('void')
    expect(deedsOf(standing('paid', 1000, 1000))).toEqual(['send'])
    expect(deedsOf(standing('void', 0, 1000))).toEqual([])
  })
})
