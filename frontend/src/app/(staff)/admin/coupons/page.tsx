import type { Metadata } from 'next'
import { Suspense } from 'react'
import { CouponsList } from '@/features/staff/catalog/coupons-list'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('coupons') }
}

export default function Page() {
  return (
    <Suspense>
      <CouponsList />
    </Suspense>
  )
}
