import type { Metadata } from 'next'
import { Suspense } from 'react'
import { OrdersList } from '@/features/staff/lists/orders-list'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('orders') }
}

export default function Page() {
  return (
    <Suspense>
      <OrdersList />
    </Suspense>
  )
}
