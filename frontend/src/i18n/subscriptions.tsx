import { getLocale } from 'next-intl/server'
import type { ReactNode } from 'react'
import type { Locale } from './config'
import { licenseMessages } from './licenses'
import { MoreWords } from './more-words'

/** The words about subscriptions and saved cards; what is in use is named by those about licenses. */
export async function SubscriptionWords({ children }: { children: ReactNode }) {
  const locale = (await getLocale()) as Locale
  const subscriptions = (await import(`../../messages/${locale}/subscriptions.json`)).default as Record<string, unknown>
  return <MoreWords words={{ subscriptions, licenses: await licenseMessages(locale) }}>{children}</MoreWords>
}
