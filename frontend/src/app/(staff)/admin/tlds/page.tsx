import type { Metadata } from 'next'
import { Suspense } from 'react'
import { TldsList } from '@/features/staff/catalog/tlds-list'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('tlds') }
}

export default function Page() {
  return (
    <Suspense>
      <TldsList />
    </Suspense>
  )
}
