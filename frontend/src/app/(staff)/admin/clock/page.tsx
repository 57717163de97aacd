import type { Metadata } from 'next'
import { Suspense } from 'react'
import { ClockPage } from '@/features/staff/upkeep/clock-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('clock') }
}

export default function Page() {
  return (
    <Suspense>
      <ClockPage />
    </Suspense>
  )
}
