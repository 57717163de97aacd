'use client'

import { Text, Title } from '@mantine/core'
import { useLocale, useTranslations } from 'next-intl'
import { CopyText } from '@/components/copy-text'
import { Facts } from '@/components/facts'
import { Money, useMoney } from '@/components/money'
import { When } from '@/components/when'
import { countryName } from '@/lib/address'
import { SideLink } from '../parts'
import classes from './invoices.module.css'
import type { LineReasons } from './queries'
import { usePercent } from './rates'
import { priceOf, roundingOf, taxOf } from './reasons'

/** A line: how its price came about, what of it is net, which rule taxed it and how it was rounded. */
export function LineExplained({ reasons }: { reasons: LineReasons }) {
  const t = useTranslations('desk.explain')
  return (
    <>
      <Text fw={600}>{reasons.line.description}</Text>
      <Sentences reasons={reasons} />
      <section aria-label={t('price')}>
        <Title order={3} fz={15} mb={4}>
          {t('price')}
        </Title>
        <PriceFacts reasons={reasons} />
      </section>
      <section aria-label={t('tax')}>
        <Title order={3} fz={15} mb={4}>
          {t('tax')}
        </Title>
        <TaxFacts reasons={reasons} />
      </section>
    </>
  )
}

function Sentences({ reasons }: { reasons: LineReasons }) {
  const t = useTranslations('desk.explain.says')
  const money = useMoney()
  const percent = usePercent()
  const { line, credited, rule } = reasons
  const price = priceOf(reasons)
  const rounding = roundingOf(reasons)
  const about = {
    unit: money(line.unit_net),
    listed: price.listed ? money(price.listed) : '',
    version: price.version ?? '–',
    product: price.product ?? line.description,
    reason: price.reason ?? '',
  }
  const said = [
    t(`price_${price.kind}`, about),
    line.discount.amount
      ? t('netLess', {
          quantity: line.quantity,
          unit: about.unit,
          discount: money(line.discount),
          note: line.discount_note ?? '–',
          net: money(line.net),
        })
      : t('net', { quantity: line.quantity, unit: about.unit, net: money(line.net) }),
    line.tax_rate_ppm
      ? t(`tax_${rounding}`, { rate: percent(line.tax_rate_ppm), net: money(line.net), tax: money(line.tax) })
      : t('tax_none', { net: money(line.net), note: line.tax_note }),
    rule && t('rule', { name: rule.name, version: rule.version }),
    t('gross', { gross: money(line.gross) }),
    credited.amount !== 0 && t('credited', { credited: money(credited) }),
  ]
  return (
    <ol className={classes.sentences}>
      {said.filter(Boolean).map((sentence) => (
        <li key={String(sentence)}>{sentence}</li>
      ))}
    </ol>
  )
}

function PriceFacts({ reasons }: { reasons: LineReasons }) {
  const t = useTranslations('desk.explain')
  const unit = useTranslations('desk.draft.unit')
  const percent = usePercent()
  const price = priceOf(reasons)
  const { line, product_class } = reasons
  const off = price.coupon?.percent_ppm
  return (
    <Facts
      of={[
        [t('source'), t(`source_${price.kind}`)],
        [t('product'), price.product],
        [t('priceVersion'), price.version],
        [t('pricedOn'), price.pricedOn && <When key="o" at={price.pricedOn} />],
        [t('listed'), price.listed && <Money key="l" value={price.listed} />],
        [t('reason'), price.reason],
        [t('by'), price.by],
        [t('cycle'), price.cycle && unit(price.cycle.unit, { count: price.cycle.count })],
        [t('trial'), price.trialDays && t('trialDays', { days: price.trialDays })],
        [t('coupon'), price.coupon && t('couponOf', { code: price.coupon.code, version: price.coupon.version, off: off ? percent(off) : '' })],
        [t('unitPrice'), <Money key="u" value={line.unit_net} />],
        [t('quantity'), line.quantity],
        [t('discount'), line.discount.amount !== 0 && <Money key="d" value={line.discount} />],
        [t('net'), <Money key="n" value={line.net} />],
        [t('productClass'), product_class],
      ]}
    />
  )
}

function TaxFacts({ reasons }: { reasons: LineReasons }) {
  const t = useTranslations('desk.explain')
  const locale = useLocale()
  const percent = usePercent()
  const { line, rule, tax_exemption_code } = reasons
  const tax = taxOf(reasons)
  const named = (area: 'scheme' | 'why' | 'idState', key: string | null) => key && (t.has(`${area}_${key}`) ? t(`${area}_${key}`) : key)
  return (
    <Facts
      of={[
        [t('rate'), percent(line.tax_rate_ppm)],
        [t('category'), `${line.tax_category} · ${t.has(`category_${line.tax_category}`) ? t(`category_${line.tax_category}`) : ''}`],
        [t('note'), line.tax_note],
        [t('why'), named('why', tax.reason)],
        [t('scheme'), named('scheme', tax.scheme)],
        [t('place'), tax.place && countryName(tax.place, locale)],
        [t('exemption'), tax_exemption_code],
        [t('idState'), tax.idState !== 'none' && named('idState', tax.idState)],
        [t('taxAmount'), <Money key="t" value={line.tax} />],
        [
          t('rule'),
          rule && (
            <SideLink key="r" href={`/admin/tax/rules?country=${rule.country}`}>
              {rule.name}
            </SideLink>
          ),
        ],
        [t('ruleVersion'), rule?.version ?? tax.ruleVersion],
        [
          t('ruleFor'),
          rule && [countryName(rule.country, locale), rule.state, rule.product_class, t(`buyer_${rule.buyer}`)].filter(Boolean).join(' · '),
        ],
        [
          t('inForce'),
          rule && (
            <span key="f">
              {t('from')} <When at={rule.valid_from} />
              {rule.valid_until && (
                <>
                  {' '}
                  {t('until')} <When at={rule.valid_until} />
                </>
              )}
            </span>
          ),
        ],
        [t('ruleId'), rule && <CopyText key="i" value={rule.id} shown={`…${rule.id.slice(-12)}`} what={t('ruleId')} />],
      ]}
    />
  )
}
