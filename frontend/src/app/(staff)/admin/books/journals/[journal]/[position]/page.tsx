import type { Metadata } from 'next'
import { Suspense } from 'react'
import { EntryPage } from '@/features/staff/books/entry-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('entry') }
}

export default async function Page({ params }: { params: Promise<{ journal: string; position: string }> }) {
  const { journal, position } = await params
  return (
    <Suspense>
      <EntryPage of={{ journalId: journal, position: Number(position) }} />
    </Suspense>
  )
}
