import type { Metadata } from 'next'
import { Suspense } from 'react'
import { PlanPage } from '@/features/staff/catalog/plan-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('plan') }
}

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params
  return (
    <Suspense>
      <PlanPage id={id} />
    </Suspense>
  )
}
