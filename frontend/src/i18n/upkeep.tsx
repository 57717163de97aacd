import { getLocale } from 'next-intl/server'
import type { ReactNode } from 'react'
import type { Locale } from './config'
import { MoreWords } from './more-words'
import { SubscriptionWords } from './subscriptions'

/** The words about what goes on by itself, for staff: subscriptions, the clock, billing runs. */
export async function UpkeepWords({ children }: { children: ReactNode }) {
  const locale = (await getLocale()) as Locale
  const upkeep = (await import(`../../messages/${locale}/upkeep.json`)).default as Record<string, unknown>
  // Cycles, add-ons and options are named as in the shop.
  const cart = (await import(`../../messages/${locale}/cart.json`)).default as Record<string, unknown>
  return (
    <SubscriptionWords>
      <MoreWords words={{ upkeep, cart }}>{children}</MoreWords>
    </SubscriptionWords>
  )
}
