import type { Order, OrderLine } from './queries'

export type StepName = 'paid' | 'license' | 'domain' | 'account' | 'mail'
export type StepState = 'waiting' | 'working' | 'done' | 'attention' | 'cancelled'

export interface Step {
  name: StepName
  state: StepState
  at: string | null
  reason: string | null
}

/** How the payment of an unpaid order stands: nothing is asked of the gateway yet, it is looking, or it did not work out. */
export type PaymentState = 'unpaid' | 'processing' | 'declined' | 'expired'

/** What the order itself does not say, but its course depends on. */
export interface Circumstances {
  verified: boolean
  payment: PaymentState
}

const FROM_API: Record<string, StepState> = { done: 'done', current: 'working', waiting: 'waiting', attention: 'attention', cancelled: 'cancelled' }

/** Nothing has been asked of anybody for this line: before the address is confirmed nothing will be. */
function waits(line: OrderLine, order: Order, verified: boolean): boolean {
  return !verified && order.state === 'paid' && line.state === 'waiting'
}

/** Paid, but delivery begins only once the customer has confirmed the address. */
export function waitsForAddress(order: Order, verified: boolean): boolean {
  return order.lines.some((line) => waits(line, order, verified))
}

function lineStep(line: OrderLine, order: Order, verified: boolean): Step {
  const stage = order.steps.find((step) => step.line_id === line.id)
  const name = line.kind === 'domain' ? 'domain' : 'account'
  if (waits(line, order, verified)) return { name, state: 'attention', at: null, reason: 'unconfirmed' }
  return { name, state: FROM_API[stage?.state ?? 'waiting'] ?? 'waiting', at: stage?.at ?? null, reason: stage?.reason ?? line.reason }
}

const WORST: StepState[] = ['attention', 'working', 'waiting', 'done', 'cancelled']

/** Several lines of a kind make one step: the one that is least far on speaks for all. */
function together(name: StepName, steps: Step[]): Step[] {
  const found = WORST.map((state) => steps.find((step) => step.state === state)).find(Boolean)
  return found ? [{ ...found, name }] : []
}

function license(line: OrderLine, account: Step): Step {
  return line.result.license_id ? { ...account, name: 'license', state: 'done', reason: null } : { ...account, name: 'license' }
}

/** An unpaid order waits for the customer, but for the moment in which the gateway looks. */
function paidStep(order: Order, payment: PaymentState): Step {
  const stage = order.steps.find((step) => step.name === 'paid')
  const state = FROM_API[stage?.state ?? 'waiting'] ?? 'waiting'
  if (state !== 'working' || payment === 'processing') return { name: 'paid', state, at: stage?.at ?? null, reason: null }
  return { name: 'paid', state: 'attention', at: null, reason: payment }
}

/** The five steps of an order, or fewer where it has no plan or no domain to register. */
export function courseOf(order: Order, { verified, payment }: Circumstances): Step[] {
  const hosting = order.lines.filter((line) => line.kind === 'hosting').map((line) => ({ line, step: lineStep(line, order, verified) }))
  const domains = order.lines.filter((line) => line.kind === 'domain').map((line) => lineStep(line, order, verified))
  const end = order.steps.find((step) => step.name === 'completed')
  return [
    paidStep(order, payment),
    ...together(
      'license',
      hosting.map(({ line, step }) => license(line, step)),
    ),
    ...together('domain', domains),
    ...together(
      'account',
      hosting.map(({ step }) => step),
    ),
    { name: 'mail', state: FROM_API[end?.state ?? 'waiting'] ?? 'waiting', at: end?.at ?? null, reason: null },
  ]
}

/** The state of the last attempt in terms of the course. A card that was declined counts, though its page may still be open. */
export function paymentState(attempt: { status: string; failure: string | null } | null | undefined): PaymentState {
  if (!attempt) return 'unpaid'
  if (attempt.failure) return 'declined'
  if (attempt.status === 'expired') return 'expired'
  return attempt.status === 'succeeded' || attempt.status === 'quarantined' ? 'processing' : 'unpaid'
}
