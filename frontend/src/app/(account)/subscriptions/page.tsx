import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { Suspense } from 'react'
import { SubscriptionList } from '@/features/subscriptions/subscription-list'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('account.titles')
  return { title: t('subscriptions') }
}

export default function Page() {
  return (
    <Suspense>
      <SubscriptionList />
    </Suspense>
  )
}
