import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { Suspense } from 'react'
import { PayLinkPage } from '@/features/billing/pay-link-page'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('account.payLink')
  return { title: t('title'), robots: { index: false }, referrer: 'no-referrer' }
}

export default async function Page({ params }: { params: Promise<{ token: string }> }) {
  return (
    <Suspense>
      <PayLinkPage token={(await params).token} />
    </Suspense>
  )
}
