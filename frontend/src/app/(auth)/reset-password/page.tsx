import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { Suspense } from 'react'
import { ResetPage } from '@/features/identity/password'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('auth.reset')
  return { title: t('title'), robots: { index: false }, referrer: 'no-referrer' }
}

export default function Page() {
  return (
    <Suspense>
      <ResetPage />
    </Suspense>
  )
}
