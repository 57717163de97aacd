import { getTranslations } from 'next-intl/server'
import { getCompany, type Plan } from '@/api/server'
import { plainAmount } from '@/lib/money'
import { JsonLd } from '../json-ld'
import { siteOrigin } from '../site'

/** UN/CEFACT's codes of the periods that plans are sold for. */
const UNIT_CODES: Record<string, string> = { month: 'MON', year: 'ANN' }

/** The plans and their prices for search engines: the same that the page shows. */
export async function Offers({ plans }: { plans: Plan[] }) {
  const [company, origin, t] = await Promise.all([getCompany(), siteOrigin(), getTranslations('marketing.plans')])
  const seller = {
    '@type': 'Organization',
    '@id': `${origin}/#seller`,
    name: company.name,
    url: origin,
    email: company.email || undefined,
    address: company.address || undefined,
  }
  const products = plans.map((plan) => ({
    '@type': 'Product',
    name: t('product', { name: plan.name }),
    description: t.has(`tagline.${plan.code}`) ? t(`tagline.${plan.code}`) : plan.tagline,
    category: t('category'),
    brand: { '@type': 'Brand', name: company.name },
    offers: plan.prices.map((each) => offer(each, origin)),
  }))
  return <JsonLd data={{ '@context': 'https://schema.org', '@graph': [seller, ...products] }} />
}

function offer({ price, cycle }: Plan['prices'][number], origin: string) {
  const amount = { price: plainAmount(price), priceCurrency: price.currency }
  const period = { '@type': 'QuantitativeValue', value: cycle.count, unitCode: UNIT_CODES[cycle.unit] }
  return {
    '@type': 'Offer',
    ...amount,
    priceSpecification: { '@type': 'UnitPriceSpecification', ...amount, valueAddedTaxIncluded: false, referenceQuantity: period },
    availability: 'https://schema.org/InStock',
    url: `${origin}/pricing`,
    seller: { '@id': `${origin}/#seller` },
  }
}
