import type { Metadata } from 'next'
import { Suspense } from 'react'
import { SubscriptionsList } from '@/features/staff/subscriptions/subscriptions-list'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('subscriptions') }
}

export default function Page() {
  return (
    <Suspense>
      <SubscriptionsList />
    </Suspense>
  )
}
