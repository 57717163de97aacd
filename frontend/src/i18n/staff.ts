import { createTranslator } from 'next-intl'
import { getLocale } from 'next-intl/server'
import type { Locale } from './config'

/** Staff's words are loaded by staff's pages only: the shop's visitors do not download them. */
export async function staffMessages(locale: Locale) {
  return (await import(`../../messages/${locale}/staff.json`)).default as Record<string, unknown>
}

/** A staff page's title. */
export async function staffTitle(page: string): Promise<string> {
  const locale = (await getLocale()) as Locale
  const messages = { titles: (await staffMessages(locale)).titles } as { titles: Record<string, string> }
  return createTranslator({ locale, messages, namespace: 'titles' })(page)
}
