import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { Suspense } from 'react'
import { MethodsPage } from '@/features/methods/methods-page'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('account.titles')
  return { title: t('methods') }
}

export default function Page() {
  return (
    <Suspense>
      <MethodsPage />
    </Suspense>
  )
}
