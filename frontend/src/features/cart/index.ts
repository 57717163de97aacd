'use client'

import { useSyncExternalStore } from 'react'
import type { Schemas } from '@/api/client'
import type { Plan } from '@/api/server'
import { type Cycle, cycleKey } from '@/lib/cycle'
import { subscribe, tell } from './storage'

export type HostingItem = Schemas['HostingItemBody']
export type DomainItem = Schemas['DomainItemBody']
export type ProductItem = Schemas['ProductItemBody']
export type CartItem = HostingItem | DomainItem | ProductItem
export { setCoupon, useCoupon, useCurrency } from './terms'

const KEY = 'np_cart'
const ID = 'np_cart_id'
const EMPTY: CartItem[] = []
let known: { text: string; items: CartItem[]; id: string } = { text: '', items: EMPTY, id: '' }

function read(): CartItem[] {
  const text = localStorage.getItem(KEY) ?? ''
  const id = localStorage.getItem(ID) ?? ''
  if (text === known.text && id === known.id) return known.items
  try {
    const items = JSON.parse(text || '[]')
    known = { text, items: Array.isArray(items) ? items : EMPTY, id }
  } catch {
    // Somebody else's writing under our key: an empty cart is the honest reading.
    known = { text, items: EMPTY, id }
  }
  return known.items
}

/** Of the cart that this tab shows: made with its first item, gone with the order, the same in every tab. Two tabs that order at once order the same. */
export function cartId(): string {
  return known.id
}

export function writeCart(items: CartItem[]): void {
  if (items.length === 0) localStorage.removeItem(ID)
  else if (!localStorage.getItem(ID)) localStorage.setItem(ID, crypto.randomUUID())
  localStorage.setItem(KEY, JSON.stringify(items))
  tell()
}

/** What a plan's options are before anybody chose: only those that it can't do without. */
export function firstOptions(plan: Plan, cycle: Cycle): HostingItem['options'] {
  const key = cycleKey(cycle)
  return plan.options
    .filter((option) => option.required)
    .map((option) => {
      if (option.kind === 'quantity') return { code: option.code, quantity: Math.max(1, option.minimum) }
      const sold = option.values.find((value) => value.prices.some((price) => cycleKey(price.cycle) === key))
      return { code: option.code, value: sold?.code ?? option.values[0]?.code }
    })
}

/** A plan takes a domain that lies in the cart alone, so that both are delivered together. */
export function withPlan(items: CartItem[], plan: Plan, cycle: Cycle): CartItem[] {
  const lone = items.find((item): item is DomainItem => item.kind === 'domain')
  const domain = lone ? { kind: 'register' as const, name: lone.name, years: lone.years ?? 1 } : { kind: 'register' as const, name: '', years: 1 }
  const period = cycle.unit === 'once' ? { unit: 'month' as const, count: 1 } : { unit: cycle.unit, count: cycle.count }
  const hosting: HostingItem = { kind: 'hosting', plan: plan.code, cycle: period, domain, addons: [], options: firstOptions(plan, cycle) }
  return [...items.filter((item) => item !== lone), hosting]
}

/** A domain goes to a plan that has none yet, else it is an item of its own. */
export function withDomain(items: CartItem[], name: string): CartItem[] {
  if (items.some((item) => nameIn(item) === name)) return items
  const bare = items.find((item): item is HostingItem => item.kind === 'hosting' && !item.domain.name)
  if (!bare) return [...items, { kind: 'domain', name, years: 1 }]
  return items.map((item) => (item === bare ? { ...bare, domain: { kind: 'register', name, years: 1 } } : item))
}

/** One more of a product that is there already, else one. */
export function withProduct(items: CartItem[], product: string, cycle: Cycle): CartItem[] {
  const chosen = cycle.unit === 'once' ? null : { unit: cycle.unit, count: cycle.count }
  const same = items.find((item): item is ProductItem => item.kind === 'product' && item.product === product)
  if (!same) return [...items, { kind: 'product', product, cycle: chosen, quantity: 1 }]
  return items.map((item) => (item === same ? { ...same, quantity: (same.quantity ?? 1) + 1 } : item))
}

/** The internet name that an item is about; empty where it is about none. */
export function nameIn(item: CartItem): string {
  if (item.kind === 'product') return ''
  return item.kind === 'hosting' ? item.domain.name : item.name
}

export function registers(item: CartItem): boolean {
  return item.kind === 'domain' || (item.kind === 'hosting' && item.domain.kind === 'register')
}

const WHOLE_NAME = /^[^\s.]+(\.[^\s.]{2,})+$/

export function isWholeName(name: string): boolean {
  return WHOLE_NAME.test(name)
}

export function isComplete(items: CartItem[]): boolean {
  return items.length > 0 && items.every((item) => item.kind === 'product' || isWholeName(nameIn(item)))
}

export function useCart() {
  const items = useSyncExternalStore(subscribe, read, () => EMPTY)
  return {
    items,
    replace: (at: number, item: CartItem) => writeCart(items.map((each, index) => (index === at ? item : each))),
    remove: (at: number) => writeCart(items.filter((_, index) => index !== at)),
    addPlan: (plan: Plan, cycle: Cycle) => writeCart(withPlan(read(), plan, cycle)),
    addDomain: (name: string) => writeCart(withDomain(read(), name)),
    addProduct: (product: string, cycle: Cycle) => writeCart(withProduct(read(), product, cycle)),
  }
}
