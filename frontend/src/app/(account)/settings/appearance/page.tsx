import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { Suspense } from 'react'
import { AppearancePage } from '@/features/account/appearance-page'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('account.titles')
  return { title: t('appearance') }
}

export default function Page() {
  return (
    <Suspense>
      <AppearancePage />
    </Suspense>
  )
}
