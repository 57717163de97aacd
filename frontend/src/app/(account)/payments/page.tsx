import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { Suspense } from 'react'
import { PaymentPage } from '@/features/billing/payment-page'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('account.titles')
  return { title: t('payment') }
}

export default function Page() {
  return (
    <Suspense>
      <PaymentPage />
    </Suspense>
  )
}
