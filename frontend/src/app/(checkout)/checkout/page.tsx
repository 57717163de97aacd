import { Container } from '@mantine/core'
import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { CheckoutPage } from '@/features/checkout/checkout-page'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('cart')
  return { title: t('checkout.title'), robots: { index: false } }
}

export default function Page() {
  return (
    <Container size="lg" py={40}>
      <CheckoutPage />
    </Container>
  )
}
