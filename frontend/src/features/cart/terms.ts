'use client'

import { useSyncExternalStore } from 'react'
import { useCompany } from '@/features/company'
import { keep, subscribe } from './storage'

const CURRENCY = 'np_currency'
const COUPON = 'np_coupon'
const nothing = () => ''

/** In which currency prices are shown and the cart is ordered: the chosen one, else the shop's. */
export function useCurrency() {
  const chosen = useSyncExternalStore(subscribe, () => localStorage.getItem(CURRENCY) ?? '', nothing)
  const own = useCompany().currency
  return { currency: chosen || own, setCurrency: (currency: string) => keep(CURRENCY, currency === own ? '' : currency) }
}

/** The code that was typed, whether it is taken or not; empty without one. */
export function useCoupon() {
  const coupon = useSyncExternalStore(subscribe, () => localStorage.getItem(COUPON) ?? '', nothing)
  return { coupon, setCoupon }
}

export function setCoupon(coupon: string): void {
  keep(COUPON, coupon.trim())
}
