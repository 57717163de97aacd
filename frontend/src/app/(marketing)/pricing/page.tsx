import { Container } from '@mantine/core'
import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { getCompany, getPlans, getProducts } from '@/api/server'
import { PlanCards } from '@/features/catalog/plan-cards'
import { ProductCards } from '@/features/catalog/product-cards'
import { Questions } from '@/features/catalog/questions'
import { describePage } from '../../describe'
import classes from '../marketing.module.css'
import { Offers } from '../offers'

export async function generateMetadata(): Promise<Metadata> {
  const [t, company] = await Promise.all([getTranslations('marketing.pricing'), getCompany()])
  return describePage('/pricing', t('title'), t('text', { included: String(company.prices_include_tax) }))
}

export default async function Pricing() {
  const [t, company, plans, products] = await Promise.all([getTranslations('marketing'), getCompany(), getPlans(), getProducts()])
  return (
    <Container size="lg" py={48}>
      <h1 className={classes.headline}>{t('pricing.title')}</h1>
      <p className={classes.lead}>{t('pricing.text', { included: String(company.prices_include_tax) })}</p>
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
