import type { Metadata } from 'next'
import { Suspense } from 'react'
import { RunsPage } from '@/features/staff/upkeep/runs-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('billingRuns') }
}

export default function Page() {
  return (
    <Suspense>
      <RunsPage />
    </Suspense>
  )
}
