import type { Metadata } from 'next'
import { Suspense } from 'react'
import { EntryPage } from '@/features/staff/books/entry-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('entry') }
}

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return (
    <Suspense>
      <EntryPage id={(await params).id} />
    </Suspense>
  )
}
