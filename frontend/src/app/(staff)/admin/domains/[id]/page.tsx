import type { Metadata } from 'next'
import { Suspense } from 'react'
import { StaffDomainPage } from '@/features/staff/lists/domain-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('domain') }
}

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return (
    <Suspense>
      <StaffDomainPage id={(await params).id} />
    </Suspense>
  )
}
