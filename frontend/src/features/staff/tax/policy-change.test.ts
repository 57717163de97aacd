import { describe, expect, it } from 'vitest'
import { changeOf, policyValues } from './policy-change'

const before = policyValues(undefined, 'DE')

describe('a change of the tax policy', () => {
  it('says only what differs', () => {
    expect(changeOf(before, before, 'EUR')).toEqual({})
    expect(changeOf(before, { ...before, oss: 'registered', inclusive: true, recheck_days: '60' }, 'EUR')).toEqual({
      oss: 'registered',
      inclusive: true,
      recheck_days: 60,
    })
  })

  it('reads countries, notes and the threshold', () => {
    expect(changeOf(before, { ...before, provider_countries: 'us, ca' }, 'EUR')).toEqual({ provider_countries: ['US', 'CA'] })
    expect(changeOf(before, { ...before, note_de: ' Text ' }, 'EUR')).toEqual({ small_business_notes: { de: 'Text' } })
    expect(changeOf(before, { ...before, threshold: '10000' }, 'EUR')).toEqual({ threshold_minor: 1_000_000 })
    expect(changeOf(before, { ...before, threshold: '10.000,00' }, 'EUR')).toBeNull()
  })
})
