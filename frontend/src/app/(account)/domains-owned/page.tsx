import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { Suspense } from 'react'
import { OwnDomains } from '@/features/domains/own-domains'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('account.titles')
  return { title: t('domains') }
}

export default function Page() {
  return (
    <Suspense>
      <OwnDomains />
    </Suspense>
  )
}
