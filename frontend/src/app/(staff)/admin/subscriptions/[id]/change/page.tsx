import type { Metadata } from 'next'
import { Suspense } from 'react'
import { ChangePage } from '@/features/subscriptions/change-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('changeSubscription') }
}

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return (
    <Suspense>
      <ChangePage id={(await params).id} staff />
    </Suspense>
  )
}
