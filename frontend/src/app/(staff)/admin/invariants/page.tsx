import type { Metadata } from 'next'
import { Suspense } from 'react'
import { InvariantsPage } from '@/features/staff/attention/invariants-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('invariants') }
}

export default function Page() {
  return (
    <Suspense>
      <InvariantsPage />
    </Suspense>
  )
}
