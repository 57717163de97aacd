import type { Metadata } from 'next'
import { Suspense } from 'react'
import { RatesPage } from '@/features/staff/books/rates-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('rates') }
}

export default function Page() {
  return (
    <Suspense>
      <RatesPage />
    </Suspense>
  )
}
