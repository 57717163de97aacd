import { Card, Container } from '@mantine/core'
import type { Metadata } from 'next'
import { getFormatter, getTranslations } from 'next-intl/server'
import { Suspense } from 'react'
import type { MoneyBody } from '@/api/client'
import { getCompany, getTlds } from '@/api/server'
import { DomainSearch } from '@/features/catalog/domain-search'
import { inUnits } from '@/lib/money'
import { describePage } from '../../describe'
import classes from '../marketing.module.css'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('marketing.domains')
  return describePage('/domains', t('title'), t('description'))
}

export default async function Domains() {
  const [t, company] = await Promise.all([getTranslations('marketing.domains'), getCompany()])
  return (
    <Container size="md" py={48}>
      <h1 className={classes.headline}>{t('title')}</h1>
      <p className={classes.lead}>{t('text')}</p>
      <Suspense>
        <DomainSearch />
      </Suspense>
      <section className={classes.section}>
        <h2 className={classes.title}>{t('prices')}</h2>
        <p className={classes.sub}>{t('pricesText', { included: String(company.prices_include_tax) })}</p>
        <Prices />
      </section>
    </Container>
  )
}

async function Prices() {
  const [t, tlds, format] = await Promise.all([getTranslations('marketing.domains'), getTlds(), getFormatter()])
  const money = (price: MoneyBody | null) => (price ? format.number(inUnits(price), { style: 'currency', currency: price.currency }) : '')
  return (
    <Card padding={0}>
      <table className="np-table" aria-label={t('prices')}>
        <thead>
          <tr>
            <th scope="col">{t('ending')}</th>
            <th scope="col" data-number>
              {t('register')}
            </th>
            <th scope="col" data-number>
              {t('renew')}
            </th>
          </tr>
        </thead>
        <tbody>
          {tlds.map((tld) => (
            <tr key={tld.tld}>
              <td data-label={t('ending')}>
                <strong>.{tld.tld}</strong>
              </td>
              <td data-label={t('register')} data-number>
                {money(tld.register_price)}
              </td>
              <td data-label={t('renew')} data-number>
                {money(tld.renew_price)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  )
}
