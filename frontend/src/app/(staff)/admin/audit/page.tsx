import type { Metadata } from 'next'
import { Suspense } from 'react'
import { AuditList } from '@/features/staff/lists/audit-list'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('audit') }
}

export default function Page() {
  return (
    <Suspense>
      <AuditList />
    </Suspense>
  )
}
