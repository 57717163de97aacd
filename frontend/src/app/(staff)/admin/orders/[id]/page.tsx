import type { Metadata } from 'next'
import { Suspense } from 'react'
import { StaffOrderPage } from '@/features/staff/orders/order-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('order') }
}

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return (
    <Suspense>
      <StaffOrderPage id={(await params).id} />
    </Suspense>
  )
}
