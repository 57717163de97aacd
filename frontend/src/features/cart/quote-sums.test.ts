import { expect, test } from 'vitest'
import { shortened, shownParts, taxes } from './quote-sums'

const usd = (amount: number) => ({ amount, currency: 'USD' })

test('the tax is summed by its reason, in the order of the lines', () => {
  const lines = [
    { tax: usd(190), tax_note: 'VAT 19 %' },
    { tax: usd(0), tax_note: 'Exempt' },
    { tax: usd(19), tax_note: 'VAT 19 %' },
  ]
  expect(taxes(lines)).toEqual([
    { note: 'VAT 19 %', tax: usd(209) },
    { note: 'Exempt', tax: usd(0) },
  ])
})

test('a single part says no more than its line', () => {
  expect([shownParts(['plan']), shownParts(['plan', 'setup'])]).toEqual([[], ['plan', 'setup']])
})

test('a part does not repeat the name of its line', () => {
  const line = { description: 'Professional for example.com' }
  expect(shortened({ description: 'Dedicated IP for example.com' }, line)).toBe('Dedicated IP')
  expect(shortened({ description: 'Setup of Dedicated IP' }, line)).toBe('Setup of Dedicated IP')
})
