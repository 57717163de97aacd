import type { Locale } from './config'

/** The words about licenses, for the pages that show them alone: the shop's visitors do not download them. */
export async function licenseMessages(locale: Locale) {
  return (await import(`../../messages/${locale}/licenses.json`)).default as Record<string, unknown>
}
