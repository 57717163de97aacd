import type { Order, OrderLine } from './queries'

export type StepName = 'paid' | 'license' | 'domain' | 'account' | 'mail'
export type StepState = 'waiting' | 'working' | 'done' | 'attention' | 'cancelled'

export interface Step {
  name: StepName
  state: StepState
  at: string | null
  reason: string | null
}

const FROM_API: Record<string, StepState> = { done: 'done', current: 'working', waiting: 'waiting', attention: 'attention', cancelled: 'cancelled' }

function lineState(line: OrderLine, order: Order): Step {
  const stage = order.steps.find((step) => step.line_id === line.id)
  return {
    name: line.kind === 'domain' ? 'domain' : 'account',
    state: FROM_API[stage?.state ?? 'waiting'] ?? 'waiting',
    at: stage?.at ?? null,
    reason: stage?.reason ?? line.reason,
  }
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

/** The five steps of an order, or fewer where it has no plan or no domain to register. */
export function courseOf(order: Order): Step[] {
  const paid = order.steps.find((step) => step.name === 'paid')
  const hosting = order.lines.filter((line) => line.kind === 'hosting').map((line) => ({ line, step: lineState(line, order) }))
  const domains = order.lines.filter((line) => line.kind === 'domain').map((line) => lineState(line, order))
  const end = order.steps.find((step) => step.name === 'completed')
  return [
    { name: 'paid', state: FROM_API[paid?.state ?? 'waiting'] ?? 'waiting', at: paid?.at ?? null, reason: null },
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
