import { Card, Container } from '@mantine/core'
import { IconCheck, IconCreditCard, IconLifebuoy, IconLockSquareRounded, IconReceipt } from '@tabler/icons-react'
import type { Metadata } from 'next'
import { getFormatter, getTranslations } from 'next-intl/server'
import { getPlans, getTlds, type Plan } from '@/api/server'
import { DomainBox } from '@/features/catalog/domain-box'
import { PlanCards } from '@/features/catalog/plan-cards'
import { Questions } from '@/features/catalog/questions'
import { inUnits } from '@/lib/money'
import { describePage } from '../describe'
import classes from './marketing.module.css'
import { Offers } from './offers'

const TRUST = { tax: IconReceipt, card: IconCreditCard, refund: IconLifebuoy, keys: IconLockSquareRounded } as const
const STEPS = ['paid', 'license', 'domain', 'account', 'mail'] as const

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('marketing.meta')
  return describePage('/', undefined, t('description'))
}

export default async function Landing() {
  const [t, plans] = await Promise.all([getTranslations('marketing'), getPlans()])
  return (
    <>
      <Hero />
      <Container size="lg">
        <section className={classes.section} id="plans">
          <h2 className={classes.title}>{t('plans.title')}</h2>
          <p className={classes.sub}>{inEveryPlan(plans, t)}</p>
          <PlanCards plans={plans} level={3} />
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

/** What all plans have, in words that the catalog bears out. */
function inEveryPlan(plans: Plan[], t: Awaited<ReturnType<typeof getTranslations<'marketing'>>>): string {
  const common = plans[0]?.features.filter((name) => plans.every((plan) => plan.features.includes(name)) && t.has(`plans.feature.${name}`)) ?? []
  return [t('plans.text'), common.length > 0 ? t('plans.common', { features: common.map((name) => t(`plans.feature.${name}`)).join(', ') }) : '']
    .filter(Boolean)
    .join(' ')
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
                <strong>.{tld}</strong> {format.number(inUnits(register_price), { style: 'currency', currency: register_price.currency })}
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
