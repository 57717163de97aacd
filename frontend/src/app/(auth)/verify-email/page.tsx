import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { Suspense } from 'react'
import { VerifyPage } from '@/features/identity/verify'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('auth.verify')
  return { title: t('title'), robots: { index: false }, referrer: 'no-referrer' }
}

export default function Page() {
  return (
    <Suspense>
      <VerifyPage />
    </Suspense>
  )
}
