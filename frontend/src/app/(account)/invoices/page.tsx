import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { Suspense } from 'react'
import { InvoiceList } from '@/features/billing/invoice-list'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('account.titles')
  return { title: t('invoices') }
}

export default function Page() {
  return (
    <Suspense>
      <InvoiceList />
    </Suspense>
  )
}
