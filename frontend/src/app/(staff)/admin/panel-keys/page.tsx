import type { Metadata } from 'next'
import { Suspense } from 'react'
import { PanelKeysList } from '@/features/staff/people/panel-keys-list'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('panelKeys') }
}

export default function Page() {
  return (
    <Suspense>
      <PanelKeysList />
    </Suspense>
  )
}
