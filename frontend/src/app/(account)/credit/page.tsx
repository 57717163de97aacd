import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { Suspense } from 'react'
import { CreditPage } from '@/features/billing/credit-page'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('account.titles')
  return { title: t('credit') }
}

export default function Page() {
  return (
    <Suspense>
      <CreditPage />
    </Suspense>
  )
}
