import type { Metadata } from 'next'
import { Suspense } from 'react'
import { PreviewPage } from '@/features/staff/tax/preview-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('taxPreview') }
}

export default function Page() {
  return (
    <Suspense>
      <PreviewPage />
    </Suspense>
  )
}
