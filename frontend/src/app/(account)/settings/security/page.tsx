import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { Suspense } from 'react'
import { SecurityPage } from '@/features/account/security-page'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('account.titles')
  return { title: t('security') }
}

export default function Page() {
  return (
    <Suspense>
      <SecurityPage />
    </Suspense>
  )
}
