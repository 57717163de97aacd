import type { Metadata } from 'next'
import { Suspense } from 'react'
import { RulesPage } from '@/features/staff/tax/rules-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('taxRules') }
}

export default function Page() {
  return (
    <Suspense>
      <RulesPage />
    </Suspense>
  )
}
