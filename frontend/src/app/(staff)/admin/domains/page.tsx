import type { Metadata } from 'next'
import { Suspense } from 'react'
import { DomainsList } from '@/features/staff/lists/domains-list'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('domains') }
}

export default function Page() {
  return (
    <Suspense>
      <DomainsList />
    </Suspense>
  )
}
