import type { Metadata } from 'next'
import { Suspense } from 'react'
import { ProformaPage } from '@/features/staff/invoices/proforma-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('proforma') }
}

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return (
    <Suspense>
      <ProformaPage id={(await params).id} />
    </Suspense>
  )
}
