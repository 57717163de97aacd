import type { Metadata } from 'next'
import { Suspense } from 'react'
import { CustomerPage } from '@/features/staff/customers/customer-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('customer') }
}

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return (
    <Suspense>
      <CustomerPage id={(await params).id} />
    </Suspense>
  )
}
