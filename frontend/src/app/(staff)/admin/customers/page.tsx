import type { Metadata } from 'next'
import { Suspense } from 'react'
import { CustomersList } from '@/features/staff/lists/customers-list'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('customers') }
}

export default function Page() {
  return (
    <Suspense>
      <CustomersList />
    </Suspense>
  )
}
