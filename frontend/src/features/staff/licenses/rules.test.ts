import { expect, test } from 'vitest'
import { laterBy } from './extend-dialog'
import { keyStateOf } from './signing-keys-page'
import { statusesFor } from './status-dialog'

test('a license can be given what it is not yet', () => {
  expect(statusesFor({ status: 'active', suspension_reasons: [] })).toEqual(['suspended', 'cancelled'])
  expect(statusesFor({ status: 'suspended', suspension_reasons: ['unpaid'] })).toEqual(['active', 'suspended', 'cancelled'])
  expect(statusesFor({ status: 'suspended', suspension_reasons: ['unpaid', 'abuse', 'fraud', 'legal'] })).toEqual(['active', 'cancelled'])
  expect(statusesFor({ status: 'cancelled', suspension_reasons: [] })).toEqual([])
})

test('an extension counts from the end, or from today where that has passed', () => {
  const now = Date.parse('2026-11-20T12:00:00Z')
  expect(laterBy(7, '2026-12-20T00:00:00Z', now)).toBe('2026-12-27')
  expect(laterBy(7, '2026-10-01T00:00:00Z', now)).toBe('2026-11-27')
  expect(laterBy(7, null, now)).toBe('2026-11-27')
})

test('a signing key is shown before it signs, and as long as leases of it last', () => {
  const now = Date.parse('2026-11-20T12:00:00Z')
  const key = (from: string, until: string | null = null, published: string | null = null) =>
    keyStateOf({ id: 'i', kid: 'k', created_at: from, signs_from: from, signs_until: until, published_until: published }, now)
  expect(key('2026-11-20T12:05:00Z')).toBe('coming')
  expect(key('2026-11-20T12:00:00Z')).toBe('signing')
  expect(key('2026-08-01T00:00:00Z', '2026-11-20T12:05:00Z', '2026-11-23T12:00:00Z')).toBe('signing')
  expect(key('2026-08-01T00:00:00Z', '2026-11-20T12:00:00Z', '2026-11-23T12:00:00Z')).toBe('retired')
  expect(key('2026-02-01T00:00:00Z', '2026-08-01T00:00:00Z', '2026-08-04T00:00:00Z')).toBe('gone')
})
