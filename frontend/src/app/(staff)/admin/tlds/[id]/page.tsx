import type { Metadata } from 'next'
import { Suspense } from 'react'
import { TldPage } from '@/features/staff/catalog/tld-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('tld') }
}

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params
  return (
    <Suspense>
      <TldPage id={id} />
    </Suspense>
  )
}
