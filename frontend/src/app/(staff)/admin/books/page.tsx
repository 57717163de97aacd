import type { Metadata } from 'next'
import { Suspense } from 'react'
import { BooksPage } from '@/features/staff/books/books-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('books') }
}

export default function Page() {
  return (
    <Suspense>
      <BooksPage />
    </Suspense>
  )
}
