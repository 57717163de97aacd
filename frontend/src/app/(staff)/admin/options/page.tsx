import type { Metadata } from 'next'
import { Suspense } from 'react'
import { OptionsList } from '@/features/staff/catalog/options-list'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('options') }
}

export default function Page() {
  return (
    <Suspense>
      <OptionsList />
    </Suspense>
  )
}
