import { Container } from '@mantine/core'
import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { CartPage } from '@/features/cart/cart-page'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('cart')
  return { title: t('title'), robots: { index: false } }
}

export default function Page() {
  return (
    <Container size="lg" py={40}>
      <CartPage />
    </Container>
  )
}
