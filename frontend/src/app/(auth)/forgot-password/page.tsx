import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { Suspense } from 'react'
import { ForgotPage } from '@/features/identity/password'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('auth.forgot')
  return { title: t('title'), robots: { index: false } }
}

export default function Page() {
  return (
    <Suspense>
      <ForgotPage />
    </Suspense>
  )
}
