import type { Metadata } from 'next'
import { Suspense } from 'react'
import { ReturnsPage } from '@/features/staff/tax/returns-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('taxReturns') }
}

export default function Page() {
  return (
    <Suspense>
      <ReturnsPage />
    </Suspense>
  )
}
