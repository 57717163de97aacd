import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { Suspense } from 'react'
import { ChangePage } from '@/features/subscriptions/change-page'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('account.titles')
  return { title: t('changeSubscription') }
}

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  return (
    <Suspense>
      <ChangePage id={(await params).id} />
    </Suspense>
  )
}
