import { describe, expect, it, vi } from 'vitest'
import { Problem } from '@/api/client'
import { focusFirstFault, isAllAtFields, sortFaults } from './faults'

const refused = (...fields: [string, string][]) =>
  new Problem(
    422,
    'invalid_request',
    'Please correct the marked fields.',
    fields.map(([field, message]) => ({ field, message })),
  )

describe('sortFaults', () => {
  it('puts words at their fields, by the last part of the name', () => {
    const { fields, rest } = sortFaults(refused(['address.city', 'Is missing.'], ['email', 'Is no address.']), ['city', 'email'])
    expect(fields).toEqual({ city: 'Is missing.', email: 'Is no address.' })
    expect(rest).toEqual([])
  })

  it('keeps apart what the form has no field for', () => {
    const found = sortFaults(refused(['locale', 'Is unknown.'], ['email', 'Is no address.']), ['email'])
    expect(found.rest).toEqual([{ field: 'locale', message: 'Is unknown.' }])
    expect(isAllAtFields(found)).toBe(false)
  })

  it('says the first word of a field only, and nothing without a problem', () => {
    expect(sortFaults(refused(['email', 'First.'], ['email', 'Second.']), ['email']).fields).toEqual({ email: 'First.' })
    expect(isAllAtFields(sortFaults(null, ['email']))).toBe(false)
  })

  it('leaves the alert to problems without fields', () => {
    expect(isAllAtFields(sortFaults(new Problem(401, 'bad_credentials', 'Not right.'), ['email']))).toBe(false)
    expect(isAllAtFields(sortFaults(refused(['email', 'Is no address.']), ['email']))).toBe(true)
  })
})

describe('focusFirstFault', () => {
  it('goes to the first field that is marked, not to the first', async () => {
    document.body.innerHTML = '<form><input id="a"><input id="b" aria-invalid="true"><input id="c" aria-invalid="true"></form>'
    focusFirstFault()
    await vi.waitFor(() => expect(document.activeElement?.id).toBe('b'))
  })
})
