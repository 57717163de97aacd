import type { Metadata } from 'next'
import { Suspense } from 'react'
import { ServersPage } from '@/features/staff/fleet/servers-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('servers') }
}

export default function Page() {
  return (
    <Suspense>
      <ServersPage />
    </Suspense>
  )
}
