import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { Suspense } from 'react'
import { OrderList } from '@/features/orders/order-list'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('account.titles')
  return { title: t('orders') }
}

export default function Page() {
  return (
    <Suspense>
      <OrderList />
    </Suspense>
  )
}
