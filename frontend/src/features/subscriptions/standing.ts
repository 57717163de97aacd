import type { Change, Detail, Subscription } from './queries'

const OPEN = ['waiting_payment', 'scheduled']
const RUNNING = ['trialing', 'active', 'past_due']

/** A word for the badge: a cancellation for the end and an open change are no states of their own, but say more. */
export function badgeOf(subscription: Pick<Subscription, 'status' | 'cancel_on'>): string {
  return RUNNING.includes(subscription.status) && subscription.cancel_on ? 'ending' : subscription.status
}

export function isOver(subscription: Pick<Subscription, 'status'>): boolean {
  return subscription.status === 'ended' || subscription.status === 'cancelled'
}

/** What is under way: asked for by somebody, and a price that was announced. */
export function openChanges(changes: readonly Change[] | undefined): { asked?: Change; price?: Change } {
  const open = (changes ?? []).filter((change) => OPEN.includes(change.state))
  return { asked: open.find((change) => change.kind !== 'price'), price: open.find((change) => change.kind === 'price') }
}

/** The day on which the next period that is not billed yet begins. */
export function nextFrom(detail: Detail): string | null {
  const living = detail.periods.filter((period) => !period.ended_early).map((period) => period.end)
  return [...living, detail.current_period_end ?? ''].sort().at(-1) || null
}

/** What is charged next, before tax: as it is sold, unless a change comes first. Null where nothing is. */
export function nextCharge(detail: Detail, changes: readonly Change[] | undefined) {
  const from = nextFrom(detail)
  if (!detail.next_bill_on || !from) return null
  const { asked, price } = openChanges(changes)
  const first = [asked?.state === 'scheduled' ? asked : undefined, price].find((change) => change && change.effective_on <= from)
  return { on: detail.next_bill_on, from, amount: first?.next_charge ?? detail.next_charge, changed: Boolean(first) }
}
