import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { Suspense } from 'react'
import { DomainPage } from '@/features/domains/domain-page'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('account.titles')
  return { title: t('domain') }
}

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return (
    <Suspense>
      <DomainPage id={(await params).id} />
    </Suspense>
  )
}
