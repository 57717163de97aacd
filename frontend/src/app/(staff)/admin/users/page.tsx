import type { Metadata } from 'next'
import { Suspense } from 'react'
import { UsersList } from '@/features/staff/people/users-list'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('users') }
}

export default function Page() {
  return (
    <Suspense>
      <UsersList />
    </Suspense>
  )
}
