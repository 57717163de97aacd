import type { Metadata } from 'next'
import { Suspense } from 'react'
import { AgeingPage } from '@/features/staff/invoices/ageing-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('ageing') }
}

export default function Page() {
  return (
    <Suspense>
      <AgeingPage />
    </Suspense>
  )
}
