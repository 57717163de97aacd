import type { Metadata } from 'next'
import { Suspense } from 'react'
import { StaffLicensePage } from '@/features/staff/licenses/license-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('license') }
}

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return (
    <Suspense>
      <StaffLicensePage id={(await params).id} />
    </Suspense>
  )
}
