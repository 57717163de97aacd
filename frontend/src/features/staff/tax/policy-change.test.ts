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

  it('turns with the switch what is the other way round', () => {
    expect(changeOf(before, { ...before, otherwise: 'us ch' }, 'EUR')).toEqual({ inclusive_by_country: { US: true, CH: true } })
    const known = { ...before, otherwise: 'US' }
    expect(changeOf(known, { ...known, inclusive: true }, 'EUR')).toEqual({ inclusive: true, inclusive_by_country: { US: false } })
    expect(changeOf(known, before, 'EUR')).toEqual({ inclusive_by_country: {} })
  })

  it('reads countries, notes and the threshold', () => {
    expect(changeOf(before, { ...before, provider_countries: 'us, ca' }, 'EUR')).toEqual({ provider_countries: ['US', 'CA'] })
    expect(changeOf(before, { ...before, note_de: ' Text ' }, 'EUR')).toEqual({ small_business_notes: { de: 'Text' } })
    expect(changeOf(before, { ...before, threshold: '10000' }, 'EUR')).toEqual({ threshold_minor: 1_000_000 })
    expect(changeOf(before, { ...before, threshold: '10.000,00' }, 'EUR')).toBeNull()
    expect(changeOf({ ...before, threshold: '10000' }, before, 'EUR')).toEqual({ threshold_minor: null })
  })
})
