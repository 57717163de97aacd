'use client'

import { Text } from '@mantine/core'
import { useTranslations } from 'next-intl'
import type { Schemas } from '@/api/client'
import { useCycleWords } from '@/components/cycle-words'
import { Money, useMoney } from '@/components/money'
import { When } from '@/components/when'
import type { Cycle } from '@/lib/cycle'
import { Amount } from './amount'
import classes from './cart.module.css'
import type { Quote } from './quote'
import { minus, pieces, shortened, shownParts, taxes } from './quote-sums'

type Line = Schemas['QuoteLineBody']

/** What is to be paid now and why, and what will be charged later. */
export function QuoteView({ quote }: { quote: Quote }) {
  const t = useTranslations('cart')
  const later = quote.lines.filter((line) => line.renewal)
  return (
    <>
      {quote.lines.map((line, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a quote is replaced as a whole, and two of its lines may be equal
        <QuoteLine key={at} line={line} />
      ))}
      <hr className={classes.rule} />
      {quote.discount.amount > 0 && (
        <>
          <Amount text={t('listPrice')} value={quote.list_price} aside />
          <Amount text={t('discount')} value={minus(quote.discount)} aside />
        </>
      )}
      <Amount text={t('net')} value={quote.net} aside />
      {quote.tax_final && taxes(quote.lines).map(({ note, tax }) => <Amount key={note} text={note || t('tax')} value={tax} aside />)}
      <div className={classes.total}>
        <span>
          <span>{t('total')}</span> <span className={classes.now}>{t('now')}</span>
        </span>
        <Money value={quote.total} />
      </div>
      {!quote.tax_final && (
        <Text size="sm" c="dimmed" mt={4}>
          {t('taxLater')}
        </Text>
      )}
      {later.length > 0 && (
        <section aria-label={t('later')} className={classes.later}>
          <Text fw={600} size="sm">
            {t('later')}
          </Text>
          {later.map((line, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: as above
            <Renewal key={at} line={line} />
          ))}
          <Text size="xs" c="dimmed">
            {t('laterTax')}
          </Text>
        </section>
      )}
    </>
  )
}

function QuoteLine({ line }: { line: Line }) {
  const t = useTranslations('cart')
  const text = line.quantity > 1 ? `${line.description} × ${line.quantity}` : line.description
  return (
    <div>
      <Amount text={text} value={line.list_price} />
      {shownParts(line.parts).map((part) => (
        <Amount
          key={part.kind + part.code + part.description}
          part
          text={part.quantity > 1 ? `${shortened(part, line)} × ${part.quantity}` : shortened(part, line)}
          value={pieces(part.unit, part.quantity)}
        />
      ))}
      {line.discount.amount > 0 && <Amount part text={line.discount_note ?? t('discount')} value={minus(line.discount)} />}
    </div>
  )
}

/** The next charge, and every one after it where that is another sum. */
function Renewal({ line }: { line: Line }) {
  const t = useTranslations('cart')
  const money = useMoney()
  const words = useCycleWords()
  const { renewal } = line
  if (!renewal) return null
  const per = words.per({ unit: renewal.cycle.unit ?? 'month', count: renewal.cycle.count ?? 1 } as Cycle)
  const changes = renewal.net.amount !== renewal.regular.amount
  return (
    <Text size="sm" mt={4}>
      {t.rich(changes ? 'renewsFirst' : 'renews', {
        what: line.description,
        net: money(renewal.net),
        regular: money(renewal.regular),
        per,
        on: () => <When at={renewal.on} />,
      })}
    </Text>
  )
}
