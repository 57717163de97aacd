import type { Metadata } from 'next'
import { Suspense } from 'react'
import { IdsPage } from '@/features/staff/tax/ids-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('taxIds') }
}

export default function Page() {
  return (
    <Suspense>
      <IdsPage />
    </Suspense>
  )
}
