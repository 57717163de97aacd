import { cookies, headers } from 'next/headers'
import { getRequestConfig } from 'next-intl/server'
import { asLocale, fromAcceptLanguage, LOCALE_COOKIE, type Locale } from './config'

const AREAS = ['broken', 'common', 'marketing', 'auth', 'cart', 'orders', 'account'] as const

async function messagesOf(locale: Locale): Promise<Record<string, unknown>> {
  const parts = await Promise.all(AREAS.map(async (area) => [area, (await import(`../../messages/${locale}/${area}.json`)).default] as const))
  return Object.fromEntries(parts)
}

export default getRequestConfig(async () => {
  const chosen = asLocale((await cookies()).get(LOCALE_COOKIE)?.value)
  const locale = chosen ?? fromAcceptLanguage((await headers()).get('accept-language'))
  return { locale, messages: await messagesOf(locale), timeZone: 'UTC' }
})
