import { describe, expect, it } from 'vitest'
import type { Problem } from '@/api/client'
import { bodyOf, type DraftValues, namesOf, newLine, valuesOf } from './draft'
import type { Explanation, Invoice } from './queries'

const words = { amount: 'no amount', number: 'no number', customer: 'whose?' }
const usd = (amount: number) => ({ amount, currency: 'USD' })

function draft(more: Partial<DraftValues> = {}): DraftValues {
  const lines = [{ ...newLine(), description: 'Work', unitNet: '120.50' }]
  return { customerId: 'c', currency: 'USD', lines, buyerReference: '', orderNumber: ' PO-1 ', notes: '', terms: '14', ...more }
}

describe('a draft on its way to the API', () => {
  it('sends free lines with their price, and nothing that was left empty', () => {
    const body = bodyOf(draft(), words)
    expect(body).toMatchObject({ order_number: 'PO-1', notes: null, terms_days: 14 })
    expect(body.lines[0]).toMatchObject({ description: 'Work', unit_net: usd(12050), quantity: 1, discount: null, period: null })
    expect(body.lines[0]).not.toHaveProperty('plan')
  })

  it('sends products by what the list calls them', () => {
    const lines = [
      { ...newLine('plan'), plan: 'professional', unit: 'year' as const },
      { ...newLine('name'), domain: ' example.com ', years: '2' },
    ]
    const body = bodyOf(draft({ lines }), words)
    expect(body.lines[0]?.plan).toEqual({ plan: 'professional', unit: 'year', count: 1 })
    expect(body.lines[1]?.name).toEqual({ domain: 'example.com', operation: 'register', years: 2 })
  })

  it('finds every fault at its own field', () => {
    const lines = [{ ...newLine(), unitNet: '1,000.00', quantity: 'two' }]
    const values = draft({ customerId: '', lines, terms: '' })
    let found: Problem | null = null
    try {
      bodyOf(values, words)
    } catch (error) {
      found = error as Problem
    }
    const fields = found?.fields.map((fault) => fault.field)
    expect(fields).toEqual(['customer_id', 'lines.0.quantity', 'lines.0.unit_net', 'terms_days'])
    expect(fields?.filter((field) => !namesOf(values).includes(field))).toEqual([])
  })
})

describe('a draft that is changed', () => {
  const invoice = { customer_id: 'c', total: usd(1), buyer_reference: null, order_number: 'PO-1', notes: null, terms_days: 7 } as unknown as Invoice
  const shown = { id: 'l', description: 'Professional', quantity: 2, unit_net: usd(900), discount: usd(0), discount_note: null, period: null }
  const told = (details: Record<string, unknown>, line = {}) =>
    valuesOf(invoice, { lines: [{ line: { ...shown, ...line }, details, product_class: 'hosting' }] } as unknown as Explanation).lines[0]

  it('is a product again, at the list’s price or another', () => {
    const list = { source: 'list', product: 'plan:professional', cycle: { unit: 'year', count: 1 } }
    expect(told(list)).toMatchObject({ kind: 'plan', plan: 'professional', unit: 'year', unitNet: '', priceReason: '' })
    expect(told({ ...list, override: { reason: 'Agreed' } })).toMatchObject({ unitNet: '9.00', priceReason: 'Agreed' })
    expect(told({ product: 'tld:com', name: 'a.com', operation: 'renew', years: 3 })).toMatchObject({
      kind: 'name',
      domain: 'a.com',
      operation: 'renew',
      years: '3',
    })
  })

  it('is a free line again, with its discount', () => {
    expect(told({ source: 'free', reason: null }, { discount: usd(50), discount_note: 'Loyal' })).toMatchObject({
      kind: 'free',
      unitNet: '9.00',
      discount: '0.50',
      discountNote: 'Loyal',
    })
  })
})
