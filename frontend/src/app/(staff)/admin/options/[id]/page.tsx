import type { Metadata } from 'next'
import { Suspense } from 'react'
import { OptionPage } from '@/features/staff/catalog/option-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('option') }
}

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params
  return (
    <Suspense>
      <OptionPage id={id} />
    </Suspense>
  )
}
