import { Card, Container } from '@mantine/core'
import { IconCheck, IconCreditCard, IconLifebuoy, IconLockSquareRounded, IconReceipt } from '@tabler/icons-react'
import type { Metadata } from 'next'
import { getFormatter, getTranslations } from 'next-intl/server'
import { getCompany, getPlans, getTlds, type Plan } from '@/api/server'
import { DomainBox, PlanCards } from '@/features/catalog'
import { Questions } from '@/features/catalog/questions'
import { JsonLd } from '../json-ld'
import { siteOrigin } from '../site'
import classes from './marketing.module.css'

const TRUST = { tax: IconReceipt, card: IconCreditCard, refund: IconLifebuoy, keys: IconLockSquareRounded } as const
const STEPS = ['paid', 'license', 'domain', 'account', 'mail'] as const

export const metadata: Metadata = { alternates: { canonical: '/' } }

export default async function Landing() {
  const [t, plans] = await Promise.all([getTranslations('marketing'), getPlans()])
  return (
    <>
      <Hero />
      <Container size="lg">
        <section className={classes.section} id="plans">
          <h2 className={classes.title}>{t('plans.title')}</h2>
          <p className={classes.sub}>{t('plans.text')}</p>
          <PlanCards plans={plans} />
        </section>
        <section className={classes.section}>
          <h2 className={classes.title}>{t('trust.title')}</h2>
          <div className={classes.four}>
            {Object.entries(TRUST).map(([name, Icon]) => (
              <div key={name} className={classes.point}>
                <span className="np-empty-icon">
                  <Icon size={24} aria-hidden />
                </span>
                <h3>{t(`trust.${name}.title`)}</h3>
                <p>{t(`trust.${name}.text`)}</p>
              </div>
            ))}
          </div>
        </section>
        <section className={classes.section}>
          <h2 className={classes.title}>{t('questions.title')}</h2>
          <Questions />
        </section>
      </Container>
      <Offers plans={plans} />
    </>
  )
}

async function Hero() {
  const [t, tlds, format] = await Promise.all([getTranslations('marketing'), getTlds(), getFormatter()])
  return (
    <section className={classes.hero}>
      <Container size="lg" className={classes.heroGrid}>
        <div>
          <h1 className={classes.headline}>{t('hero.title')}</h1>
          <p className={classes.lead}>{t('hero.text')}</p>
          <DomainBox />
          <ul className={classes.tlds} aria-label={t('hero.endings')}>
            {tlds.slice(0, 5).map(({ tld, register_price }) => (
              <li key={tld}>
                <strong>.{tld}</strong> {format.number(register_price.amount / 100, { style: 'currency', currency: register_price.currency })}
              </li>
            ))}
          </ul>
        </div>
        <Card shadow="md" padding="xl">
          <h2 className={classes.title}>{t('hero.stepsTitle')}</h2>
          <ol className={classes.steps}>
            {STEPS.map((step) => (
              <li key={step}>
                <span className={classes.dot} aria-hidden>
                  <IconCheck size={16} stroke={2.5} />
                </span>
                <span>{t(`hero.steps.${step}`)}</span>
              </li>
            ))}
          </ol>
        </Card>
      </Container>
    </section>
  )
}

async function Offers({ plans }: { plans: Plan[] }) {
  const [company, origin] = await Promise.all([getCompany(), siteOrigin()])
  const products = plans.map((plan) => ({
    '@type': 'Product',
    name: `${plan.name} hosting`,
    description: plan.tagline,
    brand: { '@type': 'Brand', name: company.name },
    offers: plan.prices.map(({ price }) => ({
      '@type': 'Offer',
      price: (price.amount / 100).toFixed(2),
      priceCurrency: price.currency,
      availability: 'https://schema.org/InStock',
      url: `${origin}/pricing`,
    })),
  }))
  const seller = {
    '@type': 'Organization',
    name: company.name,
    url: origin,
    email: company.email || undefined,
    address: company.address || undefined,
  }
  return <JsonLd data={{ '@context': 'https://schema.org', '@graph': [seller, ...products] }} />
}
