import type { Metadata } from 'next'
import { Suspense } from 'react'
import { TaxPage } from '@/features/staff/tax/tax-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('tax') }
}

export default function Page() {
  return (
    <Suspense>
      <TaxPage />
    </Suspense>
  )
}
