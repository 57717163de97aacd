import '@fontsource-variable/inter'
import '@mantine/core/styles.layer.css'
import '@mantine/notifications/styles.layer.css'
import './globals.css'
import { ColorSchemeScript, mantineHtmlProps } from '@mantine/core'
import type { Metadata } from 'next'
import { headers } from 'next/headers'
import { NextIntlClientProvider } from 'next-intl'
import { getLocale, getTranslations } from 'next-intl/server'
import type { ReactNode } from 'react'
import { getCompany } from '@/api/server'
import { Providers } from './providers'
import { siteOrigin } from './site'

export async function generateMetadata(): Promise<Metadata> {
  const [company, t] = await Promise.all([getCompany(), getTranslations('marketing.meta')])
  return {
    metadataBase: new URL(await siteOrigin()),
    title: { default: `${company.name} · ${t('title')}`, template: `%s · ${company.name}` },
    description: t('description'),
    openGraph: { siteName: company.name, type: 'website', title: t('title'), description: t('description') },
  }
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  const [company, locale, given, t] = await Promise.all([getCompany(), getLocale(), headers(), getTranslations('common')])
  const nonce = given.get('x-nonce') ?? ''
  return (
    <html lang={locale} {...mantineHtmlProps}>
      <head>
        <ColorSchemeScript defaultColorScheme="auto" nonce={nonce} />
      </head>
      <body>
        <a className="np-skip" href="#main">
          {t('skip')}
        </a>
        <NextIntlClientProvider>
          <Providers nonce={nonce} company={company}>
            {children}
          </Providers>
        </NextIntlClientProvider>
      </body>
    </html>
  )
}
