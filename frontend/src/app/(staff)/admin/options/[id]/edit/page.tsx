import type { Metadata } from 'next'
import { Suspense } from 'react'
import { EditOptionPage } from '@/features/staff/catalog/option-form'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('option') }
}

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params
  return (
    <Suspense>
      <EditOptionPage id={id} />
    </Suspense>
  )
}
