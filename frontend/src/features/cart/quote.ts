'use client'

import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api, Problem, type Schemas, take } from '@/api/client'
import { type CartItem, isComplete, useCoupon, useCurrency } from '.'

/** `refusal`: why the coupon was not taken, in the API's words; the figures are then those without it. */
export type Quote = Schemas['QuoteBody'] & { refusal: string | null }

const PAUSE = 350

const ask = (body: Schemas['CartBody']) => take(api.POST('/api/v1/orders/quote', { body }))

export function isCouponRefusal(error: unknown): error is Problem {
  return error instanceof Problem && error.code.startsWith('coupon_')
}

async function quoteOf(cart: Schemas['CartBody']): Promise<Quote> {
  try {
    return { ...(await ask(cart)), refusal: null }
  } catch (error) {
    if (!isCouponRefusal(error)) throw error
    return { ...(await ask({ ...cart, coupon: null })), refusal: error.detail }
  }
}

/** What the cart costs whoever is logged in. What was shown stays in sight while it is asked again. */
export function useQuote(items: CartItem[], enabled: boolean) {
  // A name is typed letter by letter: it is asked for once the typing pauses.
  const [asked] = useDebouncedValue(items, PAUSE)
  const { currency } = useCurrency()
  const { coupon } = useCoupon()
  return useQuery<Quote>({
    queryKey: ['quote', asked, currency, coupon],
    queryFn: () => quoteOf({ items: asked, currency, coupon: coupon || null }),
    enabled: enabled && isComplete(asked),
    placeholderData: keepPreviousData,
  })
}
