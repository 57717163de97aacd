import type { Metadata } from 'next'
import { Suspense } from 'react'
import { OverviewPage } from '@/features/staff/overview/overview-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('overview') }
}

export default function Page() {
  return (
    <Suspense>
      <OverviewPage />
    </Suspense>
  )
}
