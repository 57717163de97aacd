import '@mantine/charts/styles.layer.css'
import { getLocale } from 'next-intl/server'
import type { ReactNode } from 'react'
import type { Locale } from '@/i18n/config'
import { licenseMessages } from '@/i18n/licenses'
import { MoreWords } from '@/i18n/more-words'

export default async function LicensesLayout({ children }: { children: ReactNode }) {
  const licenses = await licenseMessages((await getLocale()) as Locale)
  return <MoreWords words={{ licenses }}>{children}</MoreWords>
}
