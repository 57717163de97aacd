import type { Metadata } from 'next'
import { getLocale } from 'next-intl/server'
import { getCompany } from '@/api/server'

const OG_LOCALES: Record<string, string> = { en: 'en_US', de: 'de_DE' }

/** A public page to search engines and to whoever passes its link on. */
export async function describePage(path: string, title: string | undefined, description: string): Promise<Metadata> {
  const [company, locale] = await Promise.all([getCompany(), getLocale()])
  const shared = { title: title ?? company.name, description }
  return {
    ...(title ? { title } : {}),
    description,
    alternates: { canonical: path },
    openGraph: { ...shared, url: path, siteName: company.name, type: 'website', locale: OG_LOCALES[locale] },
    twitter: { card: 'summary', ...shared },
  }
}
