import type { Metadata } from 'next'
import { Suspense } from 'react'
import { NewDraftPage } from '@/features/staff/invoices/draft-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('newInvoice') }
}

export default function Page() {
  return (
    <Suspense>
      <NewDraftPage />
    </Suspense>
  )
}
