import type { Metadata } from 'next'
import { Suspense } from 'react'
import { SigningKeysPage } from '@/features/staff/licenses/signing-keys-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('signingKeys') }
}

export default function Page() {
  return (
    <Suspense>
      <SigningKeysPage />
    </Suspense>
  )
}
