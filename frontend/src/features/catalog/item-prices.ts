'use client'

import type { CartItem } from '@/features/cart'
import { priceOf } from './prices'
import { usePlans, useTlds } from './queries'

/** What lies in a cart, by the prices of the catalog; tax comes with the address. */
export function useItemPrices(items: CartItem[]) {
  const { data: plans } = usePlans()
  const { data: tlds } = useTlds()
  const domainPrice = (name: string, years: number) => {
    const price = tlds?.find((each) => name.endsWith(`.${each.tld}`))?.register_price
    return price ? { ...price, amount: price.amount * years } : null
  }
  return items.flatMap((item, at) => {
    if (item.kind === 'domain') return [{ id: `${at}`, text: item.name, price: domainPrice(item.name, item.years ?? 1) }]
    const plan = plans?.find((each) => each.code === item.plan)
    const own = { id: `${at}`, text: plan?.name ?? item.plan, price: priceOf(plan, item.cycle?.unit ?? 'month') }
    if (item.domain.kind === 'own' || !item.domain.name) return [own]
    return [own, { id: `${at}-domain`, text: item.domain.name, price: domainPrice(item.domain.name, item.domain.years ?? 1) }]
  })
}
