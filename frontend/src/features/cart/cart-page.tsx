'use client'

import { Skeleton } from '@mantine/core'
import { IconShoppingCart } from '@tabler/icons-react'
import dynamic from 'next/dynamic'
import { useTranslations } from 'next-intl'
import { EmptyState } from '@/components/empty-state'
import { PageHeader } from '@/components/page-header'
import { useCart } from '.'

// What lies in the cart is known to the browser only: so is its page.
const FilledCart = dynamic(() => import('./filled-cart').then((found) => found.FilledCart), { ssr: false, loading: () => <Skeleton height={320} /> })

export function CartPage() {
  const t = useTranslations('cart')
  const { items } = useCart()
  return (
    <>
      <PageHeader title={t('title')} />
      {items.length > 0 ? (
        <FilledCart />
      ) : (
        <EmptyState icon={<IconShoppingCart />} title={t('empty')} text={t('emptyText')} action={{ href: '/pricing', label: t('toPlans') }} />
      )}
    </>
  )
}
