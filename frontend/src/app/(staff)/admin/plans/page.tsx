import type { Metadata } from 'next'
import { Suspense } from 'react'
import { PlansList } from '@/features/staff/catalog/plans-list'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('plans') }
}

export default function Page() {
  return (
    <Suspense>
      <PlansList />
    </Suspense>
  )
}
