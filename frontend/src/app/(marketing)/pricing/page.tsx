import { Container } from '@mantine/core'
import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { getPlans, getProducts } from '@/api/server'
import { PlanCards } from '@/features/catalog/plan-cards'
import { ProductCards } from '@/features/catalog/product-cards'
import { Questions } from '@/features/catalog/questions'
import { describePage } from '../../describe'
import classes from '../marketing.module.css'
import { Offers } from '../offers'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('marketing.pricing')
  return describePage('/pricing', t('title'), t('text'))
}

export default async function Pricing() {
  const [t, plans, products] = await Promise.all([getTranslations('marketing'), getPlans(), getProducts()])
  return (
    <Container size="lg" py={48}>
      <h1 className={classes.headline}>{t('pricing.title')}</h1>
      <p className={classes.lead}>{t('pricing.text')}</p>
      <PlanCards plans={plans} level={2} />
      <ProductCards products={products} title={t('plans.products')} />
      <section className={classes.section}>
        <h2 className={classes.title}>{t('questions.title')}</h2>
        <Questions />
      </section>
      <Offers plans={plans} />
    </Container>
  )
}
