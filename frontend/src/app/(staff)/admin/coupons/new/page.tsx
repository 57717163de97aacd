import type { Metadata } from 'next'
import { Suspense } from 'react'
import { NewCouponPage } from '@/features/staff/catalog/coupon-form'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('coupons') }
}

export default function Page() {
  return (
    <Suspense>
      <NewCouponPage />
    </Suspense>
  )
}
