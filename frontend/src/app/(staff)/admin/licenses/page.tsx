import type { Metadata } from 'next'
import { Suspense } from 'react'
import { LicensesList } from '@/features/staff/lists/licenses-list'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('licenses') }
}

export default function Page() {
  return (
    <Suspense>
      <LicensesList />
    </Suspense>
  )
}
