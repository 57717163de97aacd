import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { Suspense } from 'react'
import { SubscriptionPage } from '@/features/subscriptions/subscription-page'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('account.titles')
  return { title: t('subscription') }
}

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return (
    <Suspense>
      <SubscriptionPage id={(await params).id} />
    </Suspense>
  )
}
