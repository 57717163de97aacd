import '@mantine/charts/styles.layer.css'
import type { Metadata } from 'next'
import { NextIntlClientProvider } from 'next-intl'
import { getLocale, getMessages } from 'next-intl/server'
import { NuqsAdapter } from 'nuqs/adapters/next/app'
import type { ReactNode } from 'react'
import { StaffShell } from '@/components/shell/staff-shell'
import type { Locale } from '@/i18n/config'
import { licenseMessages } from '@/i18n/licenses'
import { staffMessages } from '@/i18n/staff'

export const metadata: Metadata = { robots: { index: false } }

export default async function StaffLayout({ children }: { children: ReactNode }) {
  const locale = (await getLocale()) as Locale
  const [{ common }, staff, licenses] = await Promise.all([getMessages(), staffMessages(locale), licenseMessages(locale)])
  return (
    <NextIntlClientProvider messages={{ common, staff, licenses }}>
      <NuqsAdapter>
        <StaffShell>{children}</StaffShell>
      </NuqsAdapter>
    </NextIntlClientProvider>
  )
}
