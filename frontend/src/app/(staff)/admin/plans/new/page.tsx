import type { Metadata } from 'next'
import { Suspense } from 'react'
import { NewPlanPage } from '@/features/staff/catalog/plan-form'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('plans') }
}

export default function Page() {
  return (
    <Suspense>
      <NewPlanPage />
    </Suspense>
  )
}
