import type { Metadata } from 'next'
import { Suspense } from 'react'
import { FiguresPage } from '@/features/staff/invoices/figures-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('figures') }
}

export default function Page() {
  return (
    <Suspense>
      <FiguresPage />
    </Suspense>
  )
}
