import type { Metadata } from 'next'
import { Suspense } from 'react'
import { WorkPage } from '@/features/staff/attention/work-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('work') }
}

export default function Page() {
  return (
    <Suspense>
      <WorkPage />
    </Suspense>
  )
}
