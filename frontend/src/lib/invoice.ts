/** What the badge of an invoice says: open and past its day is overdue. `today` is the seller's day. */
export function invoiceState({ state, due_on: due }: { state: string; due_on: string | null }, today: string): string {
  return state === 'open' && due !== null && due < today ? 'overdue' : state
}
