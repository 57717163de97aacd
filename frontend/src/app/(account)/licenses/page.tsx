import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { Suspense } from 'react'
import { LicenseList } from '@/features/licenses/license-list'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('account.titles')
  return { title: t('licenses') }
}

export default function Page() {
  return (
    <Suspense>
      <LicenseList />
    </Suspense>
  )
}
