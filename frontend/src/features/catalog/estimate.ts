import type { MoneyBody } from '@/api/client'
import type { Plan, Tld } from '@/api/server'
import type { CartItem, HostingItem } from '@/features/cart'
import { cycleKey } from '@/lib/cycle'
import { includesName, priceFor } from './prices'

export interface EstimatePart {
  text: string
  price: MoneyBody | null
}

/** What an item comes to by the price list. `price` null: it is not sold so. `included`: the name comes with a plan; only the first year is off. */
export interface EstimateLine {
  id: string
  text: string
  price: MoneyBody | null
  parts: EstimatePart[]
  trialDays: number
  included: boolean
}

export interface PriceList {
  plans: Plan[]
  products: Plan[]
  tlds: Tld[]
}

const times = (price: MoneyBody, count: number): MoneyBody => ({ ...price, amount: price.amount * count })

/** The sum, null where one is missing or currencies differ. */
export function sumOf(prices: (MoneyBody | null)[]): MoneyBody | null {
  const [first] = prices
  if (!first || prices.some((each) => each?.currency !== first.currency)) return null
  return { ...first, amount: prices.reduce((sum, each) => sum + (each?.amount ?? 0), 0) }
}

const addFee = (parts: EstimatePart[], fee: MoneyBody, text: string, count = 1) => {
  if (fee.amount > 0) parts.push({ text, price: times(fee, count) })
}

function partsOf(item: HostingItem, plan: Plan, setupOf: (name: string) => string): EstimatePart[] {
  const cycle = item.cycle ?? { unit: 'month', count: 1 }
  const whole = { unit: cycle.unit ?? 'month', count: cycle.count ?? 1 }
  const own = priceFor(plan, whole)
  const parts: EstimatePart[] = [{ text: plan.name, price: own?.price ?? null }]
  if (own) addFee(parts, own.setup_fee, setupOf(plan.name))
  for (const { code, value, quantity } of item.options ?? []) {
    const option = plan.options.find((each) => each.code === code)
    const chosen = option?.kind === 'choice' ? option.values.find((each) => each.code === value) : option?.values[0]
    const count = option?.kind === 'choice' ? 1 : (quantity ?? 0)
    const price = chosen?.prices.find((each) => cycleKey(each.cycle) === cycleKey(whole))?.price
    if (count > 0)
      parts.push({
        text: `${option?.name ?? code}${option?.kind === 'choice' ? `: ${chosen?.name}` : ` × ${count}`}`,
        price: price ? times(price, count) : null,
      })
  }
  for (const { code, quantity = 1 } of item.addons ?? []) {
    const addon = plan.addons.find((each) => each.code === code)
    const price = priceFor(addon, whole) ?? priceFor(addon, { unit: 'once', count: 1 })
    const name = addon?.name ?? code
    parts.push({ text: quantity > 1 ? `${name} × ${quantity}` : name, price: price ? times(price.price, quantity) : null })
    if (price) addFee(parts, price.setup_fee, setupOf(name), quantity)
  }
  return parts
}

/** The cart by the prices that everybody sees: without tax and coupon, and without what only the shop knows of a customer. */
export function estimate(items: CartItem[], { plans, products, tlds }: PriceList, setupOf: (name: string) => string): EstimateLine[] {
  const domain = (id: string, name: string, years: number, free: boolean): EstimateLine => {
    const year = tlds.find((each) => name.endsWith(`.${each.tld}`))?.register_price
    const price = year ? times(year, free ? years - 1 : years) : null
    return { id, text: name, price, parts: [], trialDays: 0, included: free && Boolean(year) }
  }
  return items.flatMap((item, at) => {
    const id = `${at}`
    if (item.kind === 'domain') return [domain(id, item.name, item.years ?? 1, false)]
    if (item.kind === 'product') {
      const product = products.find((each) => each.code === item.product)
      const unit = item.cycle?.unit ?? 'once'
      const price = priceFor(product, { unit, count: item.cycle?.count ?? 1 })
      const count = item.quantity ?? 1
      const sum = price ? times({ ...price.price, amount: price.price.amount + price.setup_fee.amount }, count) : null
      const name = product?.name ?? item.product
      return [{ id, text: count > 1 ? `${name} × ${count}` : name, price: sum, parts: [], trialDays: 0, included: false }]
    }
    const plan = plans.find((each) => each.code === item.plan)
    if (!plan) return [{ id, text: item.plan, price: null, parts: [], trialDays: 0, included: false }]
    const parts = partsOf(item, plan, setupOf)
    const sum = sumOf(parts.map((part) => part.price))
    const trial = plan.trial_days > 0 && sum
    const own: EstimateLine = { id, text: plan.name, price: trial ? { ...sum, amount: 0 } : sum, parts, trialDays: plan.trial_days, included: false }
    const { kind, name, years = 1 } = item.domain
    if (kind === 'own' || !name) return [own]
    const cycle = { unit: item.cycle?.unit ?? 'month', count: item.cycle?.count ?? 1 }
    return [own, domain(`${id}-domain`, name, years, includesName(plan, cycle, name))]
  })
}
