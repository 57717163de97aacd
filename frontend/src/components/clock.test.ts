import { expect, it } from 'vitest'
import { aheadOf } from './clock'

it('is ahead by what the shop’s clock was moved, and not at all where nobody told it', () => {
  const here = Date.parse('2026-11-22T08:00:00Z')
  expect(aheadOf('2026-12-24T08:00:00Z', here)).toBe(32 * 86_400_000)
  expect(aheadOf('', here)).toBe(0)
})
