import { getLocale } from 'next-intl/server'
import type { ReactNode } from 'react'
import type { Locale } from './config'
import { MoreWords } from './more-words'

/** The words about what is sold, for the staff's pages that edit it; with `shop`: those of the shop's cards too, which stand in the preview. */
export async function CatalogWords({ shop, children }: { shop?: boolean; children: ReactNode }) {
  const locale = (await getLocale()) as Locale
  const catalog = (await import(`../../messages/${locale}/catalog.json`)).default
  const marketing = shop ? { marketing: { plans: (await import(`../../messages/${locale}/marketing.json`)).default.plans } } : {}
  return <MoreWords words={{ catalog, ...marketing }}>{children}</MoreWords>
}
