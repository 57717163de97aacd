import type { Metadata } from 'next'
import { Suspense } from 'react'
import { PolicyPage } from '@/features/staff/tax/policy-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('taxPolicy') }
}

export default function Page() {
  return (
    <Suspense>
      <PolicyPage />
    </Suspense>
  )
}
