import type { Metadata } from 'next'
import { Suspense } from 'react'
import { PaymentsList } from '@/features/staff/lists/payments-list'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('payments') }
}

export default function Page() {
  return (
    <Suspense>
      <PaymentsList />
    </Suspense>
  )
}
