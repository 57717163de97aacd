import type { Schemas } from '@/api/client'
import { type Cycle, cycleKey } from '@/lib/cycle'

export type Wish = Schemas['ChangeWish']
type Held = Pick<Schemas['SubscriptionBody'], 'plan_code' | 'cycle' | 'items'>
type Item = Held['items'][number]

/** What somebody has chosen so far. `quantity` of a product; add-ons and options of hosting. */
export interface Choice {
  plan: string
  cycle: Cycle
  quantity: number
  addons: { code: string; quantity: number }[]
  options: { code: string; value?: string | null; quantity?: number | null }[]
}

const main = (item: Item) => item.kind === 'plan' || item.kind === 'product'
const lasting = (item: Item) => item.billing === 'each_period'

export function isProduct(held: Pick<Held, 'items'>): boolean {
  return held.items.some((item) => item.kind === 'product')
}

/** As it is now. An option's code is `option:value`. */
export function choiceOf(held: Held): Choice {
  const kept = held.items.filter((item) => lasting(item) && !main(item))
  return {
    plan: held.plan_code,
    cycle: { unit: held.cycle.unit as Cycle['unit'], count: held.cycle.count },
    quantity: held.items.find(main)?.quantity ?? 1,
    addons: kept.filter((item) => item.kind === 'addon').map(({ code, quantity }) => ({ code, quantity })),
    options: kept
      .filter((item) => item.kind === 'option')
      .map(({ code, quantity }) => {
        const [option = '', value] = code.split(':')
        return { code: option, value, quantity }
      }),
  }
}

const sorted = (rows: readonly unknown[]) => JSON.stringify(rows.map((row) => JSON.stringify(row)).sort())
/** A choice of one value is one piece of it, whether that was said or not. */
const plainOptions = (options: Choice['options']) =>
  options.map(({ code, value, quantity }) => ({ code, value: value ?? '', quantity: quantity ?? 1 }))

function sameOptions(one: Choice['options'], other: Choice['options']): boolean {
  if (one.length !== other.length) return false
  // Of what is sold by pieces the form names no value.
  return plainOptions(one).every(({ code, value, quantity }) =>
    plainOptions(other).some((each) => each.code === code && each.quantity === quantity && (!each.value || !value || each.value === value)),
  )
}

/** Only what shall be another; null where nothing is. With another plan or cycle everything is said, as it stands on the page. */
export function wishOf(held: Held, choice: Choice): Wish | null {
  const now = choiceOf(held)
  const plan = choice.plan !== now.plan
  const cycle = cycleKey(choice.cycle) !== cycleKey(now.cycle)
  const wish: Wish = {}
  if (plan) wish.plan = choice.plan
  if (cycle && choice.cycle.unit !== 'once') wish.cycle = { unit: choice.cycle.unit, count: choice.cycle.count }
  if (isProduct(held)) {
    if (choice.quantity !== now.quantity) wish.quantity = choice.quantity
  } else {
    const differs = plan || cycle
    if (differs || sorted(choice.addons) !== sorted(now.addons)) wish.addons = choice.addons
    if (differs || !sameOptions(choice.options, now.options)) wish.options = choice.options
  }
  return Object.keys(wish).length > 0 ? wish : null
}

/** Another plan may sell fewer add-ons and options: what it does not is dropped, before anybody is refused for it. */
export function fitted(choice: Choice, plan: Pick<Schemas['PlanBody'], 'addons' | 'options'>): Choice {
  const sells = (rows: readonly { code: string }[], code: string) => rows.some((row) => row.code === code)
  return {
    ...choice,
    addons: choice.addons.filter(({ code }) => sells(plan.addons, code)),
    options: choice.options.filter(({ code }) => sells(plan.options, code)),
  }
}
