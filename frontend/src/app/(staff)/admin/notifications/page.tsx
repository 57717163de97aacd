import type { Metadata } from 'next'
import { Suspense } from 'react'
import { MailsList } from '@/features/staff/lists/mails-list'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('notifications') }
}

export default function Page() {
  return (
    <Suspense>
      <MailsList />
    </Suspense>
  )
}
