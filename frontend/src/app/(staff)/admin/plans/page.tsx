import type { Metadata } from 'next'
import { Suspense } from 'react'
import { PlansPage } from '@/features/staff/fleet/plans-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('plans') }
}

export default function Page() {
  return (
    <Suspense>
      <PlansPage />
    </Suspense>
  )
}
