import type { Metadata } from 'next'
import { Suspense } from 'react'
import { NewOptionPage } from '@/features/staff/catalog/option-form'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('options') }
}

export default function Page() {
  return (
    <Suspense>
      <NewOptionPage />
    </Suspense>
  )
}
