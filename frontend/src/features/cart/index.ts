'use client'

import { useSyncExternalStore } from 'react'
import type { Schemas } from '@/api/client'

export type HostingItem = Schemas['HostingItemBody']
export type DomainItem = Schemas['DomainItemBody']
export type CartItem = HostingItem | DomainItem
export type Unit = 'month' | 'year'

const KEY = 'np_cart'
const ID = 'np_cart_id'
const EMPTY: CartItem[] = []
const listeners = new Set<() => void>()
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

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  window.addEventListener('storage', listener)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('storage', listener)
  }
}

export function writeCart(items: CartItem[]): void {
  if (items.length === 0) localStorage.removeItem(ID)
  else if (!localStorage.getItem(ID)) localStorage.setItem(ID, crypto.randomUUID())
  localStorage.setItem(KEY, JSON.stringify(items))
  for (const listener of listeners) listener()
}

/** A plan takes a domain that lies in the cart alone, so that both are delivered together. */
export function withPlan(items: CartItem[], plan: string, unit: Unit): CartItem[] {
  const lone = items.find((item): item is DomainItem => item.kind === 'domain')
  const domain = lone ? { kind: 'register' as const, name: lone.name, years: lone.years ?? 1 } : { kind: 'register' as const, name: '', years: 1 }
  return [...items.filter((item) => item !== lone), { kind: 'hosting', plan, cycle: { unit, count: 1 }, domain }]
}

/** A domain goes to a plan that has none yet, else it is an item of its own. */
export function withDomain(items: CartItem[], name: string): CartItem[] {
  if (items.some((item) => nameIn(item) === name)) return items
  const bare = items.find((item): item is HostingItem => item.kind === 'hosting' && !item.domain.name)
  if (!bare) return [...items, { kind: 'domain', name, years: 1 }]
  return items.map((item) => (item === bare ? { ...bare, domain: { kind: 'register', name, years: 1 } } : item))
}

export function nameIn(item: CartItem): string {
  return item.kind === 'hosting' ? item.domain.name : item.name
}

const WHOLE_NAME = /^[^\s.]+(\.[^\s.]{2,})+$/

export function isWholeName(name: string): boolean {
  return WHOLE_NAME.test(name)
}

export function isComplete(items: CartItem[]): boolean {
  return items.length > 0 && items.every((item) => isWholeName(nameIn(item)))
}

export function useCart() {
  const items = useSyncExternalStore(subscribe, read, () => EMPTY)
  return {
    items,
    replace: (at: number, item: CartItem) => writeCart(items.map((each, index) => (index === at ? item : each))),
    remove: (at: number) => writeCart(items.filter((_, index) => index !== at)),
    addPlan: (plan: string, unit: Unit) => writeCart(withPlan(read(), plan, unit)),
    addDomain: (name: string) => writeCart(withDomain(read(), name)),
  }
}
