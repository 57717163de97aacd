export const LOCALES = ['en', 'de'] as const
export type Locale = (typeof LOCALES)[number]
export const LOCALE_COOKIE = 'np_locale'

export function asLocale(value: string | undefined | null): Locale | null {
  return LOCALES.find((locale) => locale === value?.slice(0, 2).toLowerCase()) ?? null
}

/** The first of the browser's languages that we speak. */
export function fromAcceptLanguage(header: string | null): Locale {
  for (const part of (header ?? '').split(',')) {
    const found = asLocale(part.trim())
    if (found) return found
  }
  return 'en'
}
