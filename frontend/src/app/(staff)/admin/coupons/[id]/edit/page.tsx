import type { Metadata } from 'next'
import { Suspense } from 'react'
import { EditCouponPage } from '@/features/staff/catalog/coupon-form'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('coupon') }
}

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params
  return (
    <Suspense>
      <EditCouponPage id={id} />
    </Suspense>
  )
}
