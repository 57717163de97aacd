import type { Metadata } from 'next'
import { Suspense } from 'react'
import { RunPage } from '@/features/staff/upkeep/run-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('billingRun') }
}

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return (
    <Suspense>
      <RunPage id={(await params).id} />
    </Suspense>
  )
}
