import { expect, it } from 'vitest'
import { invoiceState } from './invoice'

it('is overdue from the day after it was due, while it is open', () => {
  const on = (state: 'open' | 'paid', today: string) => invoiceState({ state, due_on: '2026-12-22' }, today)
  expect([on('open', '2026-12-22'), on('open', '2026-12-23'), on('paid', '2026-12-23')]).toEqual(['open', 'overdue', 'paid'])
  expect(invoiceState({ state: 'open', due_on: null }, '2026-12-23')).toBe('open')
})
