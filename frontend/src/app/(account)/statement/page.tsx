import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { Suspense } from 'react'
import { StatementPage } from '@/features/billing/statement-page'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('account.titles')
  return { title: t('statement') }
}

export default function Page() {
  return (
    <Suspense>
      <StatementPage />
    </Suspense>
  )
}
