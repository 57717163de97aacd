'use client'

import { useTranslations } from 'next-intl'
import type { CartItem } from '@/features/cart'
import { estimate } from './estimate'
import { usePlans, useProducts, useTlds } from './queries'

/** What lies in a cart, by the prices of the catalog; tax comes with the address. */
export function useEstimate(items: CartItem[]) {
  const t = useTranslations('cart')
  const [plans, products, tlds] = [usePlans(), useProducts(), useTlds()]
  const list = { plans: plans.data ?? [], products: products.data ?? [], tlds: tlds.data ?? [] }
  return { lines: estimate(items, list, (name) => t('setupOf', { name })), known: !(plans.isPending || tlds.isPending || products.isPending) }
}
