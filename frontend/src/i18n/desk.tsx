import { getLocale } from 'next-intl/server'
import type { ReactNode } from 'react'
import type { Locale } from './config'
import { MoreWords } from './more-words'

/** The words about invoices, books and tax, for the pages of staff that speak of them. */
export async function DeskWords({ children }: { children: ReactNode }) {
  const locale = (await getLocale()) as Locale
  const desk = (await import(`../../messages/${locale}/desk.json`)).default as Record<string, unknown>
  return <MoreWords words={{ desk }}>{children}</MoreWords>
}
