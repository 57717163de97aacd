import type { Metadata } from 'next'
import { Suspense } from 'react'
import { EditPlanPage } from '@/features/staff/catalog/plan-form'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('plan') }
}

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params
  return (
    <Suspense>
      <EditPlanPage id={id} />
    </Suspense>
  )
}
