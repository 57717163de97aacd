import type { Metadata } from 'next'
import { Suspense } from 'react'
import { StaffInvoicePage } from '@/features/staff/invoices/invoice-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('invoice') }
}

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return (
    <Suspense>
      <StaffInvoicePage id={(await params).id} />
    </Suspense>
  )
}
