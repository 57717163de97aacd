import type { Metadata } from 'next'
import { Suspense } from 'react'
import { InvoicesList } from '@/features/staff/invoices/invoices-list'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('invoices') }
}

export default function Page() {
  return (
    <Suspense>
      <InvoicesList />
    </Suspense>
  )
}
