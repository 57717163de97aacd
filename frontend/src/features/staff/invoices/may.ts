import type { Invoice } from './queries'

export type DeedName = 'issue' | 'edit' | 'discard' | 'pay' | 'useCredit' | 'send' | 'credit' | 'void' | 'writeOff'

type Standing = Pick<Invoice, 'state'> & { paid: { amount: number }; credited: { amount: number }; total: { amount: number } }

/** What the API will do with an invoice in this state, what comes next first. It decides all the same. */
export function deedsOf({ state, paid, credited, total }: Standing): DeedName[] {
  const left = credited.amount < total.amount
  if (state === 'draft') return ['issue', 'edit', 'discard']
  if (state === 'open') return ['pay', 'useCredit', 'send', 'credit', ...(paid.amount === 0 ? (['void'] as const) : []), 'writeOff']
  if (state === 'uncollectible') return ['pay', 'send', 'credit', ...(paid.amount === 0 ? (['void'] as const) : [])]
  if (state === 'paid') return left ? ['send', 'credit'] : ['send']
  return []
}
