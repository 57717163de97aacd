import type { Metadata } from 'next'
import { Suspense } from 'react'
import { StaffSubscriptionPage } from '@/features/staff/subscriptions/subscription-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('subscription') }
}

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return (
    <Suspense>
      <StaffSubscriptionPage id={(await params).id} />
    </Suspense>
  )
}
