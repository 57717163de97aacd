import type { Metadata } from 'next'
import { Suspense } from 'react'
import { EditDraftPage } from '@/features/staff/invoices/draft-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('editInvoice') }
}

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return (
    <Suspense>
      <EditDraftPage id={(await params).id} />
    </Suspense>
  )
}
