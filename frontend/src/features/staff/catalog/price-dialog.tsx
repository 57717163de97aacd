'use client'

import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { useCompany } from '@/features/company'
import { ReasonDialog } from '../reason-dialog'
import classes from './catalog.module.css'
import { AmountField, CurrencyField, CycleFields, DayField } from './fields'
import { Margin } from './margin'
import { PriceImpact } from './price-impact'
import { type PriceVersion, pricePlan, type Unit, type WholePlan } from './queries'
import { parseAmount, Sheet, typedAmount } from './sheet'
import { marginOf } from './versions'
import { useFaultWords } from './words'

const NAMES = ['unit', 'count', 'price', 'price.amount', 'price.currency', 'setup_fee', 'cost', 'valid_from', 'cycle']

interface PriceDialogProps {
  plan: WholePlan
  /** The version that the new one follows. */
  after?: PriceVersion
  onClose: () => void
}

/** A new version of a price; before it is kept, whom it touches. */
export function PriceDialog({ plan, after, onClose }: PriceDialogProps) {
  const t = useTranslations('catalog.prices')
  const kept = useTranslations('catalog.plan')
  const words = useFaultWords()
  const company = useCompany()
  const [draft, setDraft] = useState(() => startOf(after, company.currency))
  const put = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }))
  const { currency } = draft
  const [amount, cost] = [parseAmount(draft.price, currency), draft.cost.trim() ? parseAmount(draft.cost, currency) : null]
  const run = (reason: string) => {
    const sheet = new Sheet(words)
    const optional = (field: string, text: string) => (text.trim() ? sheet.amount(field, text, currency) : null)
    const body = {
      cycle: { unit: draft.unit, count: draft.unit === 'once' ? 1 : sheet.whole('count', draft.count) },
      price: sheet.amount('price', draft.price, currency),
      setup_fee: optional('setup_fee', draft.setup),
      cost: optional('cost', draft.cost),
      valid_from: draft.from || null,
      reason,
    }
    sheet.check()
    return pricePlan(plan, body)
  }
  return (
    <ReasonDialog
      onClose={onClose}
      deed={{
        title: t('addTitle', { name: plan.name }),
        text: t('addText'),
        submit: t('submit'),
        done: t('done'),
        hint: kept('kept'),
        names: NAMES,
        size: 'lg',
        run,
        fields: (faults) => (
          <>
            <div className={classes.pair}>
              <CycleFields
                unit={draft.unit}
                count={draft.count}
                once={plan.kind !== 'hosting'}
                onChange={put}
                faults={{ unit: faults.unit ?? faults.cycle, count: faults.count }}
              />
              <CurrencyField
                label={t('currency')}
                value={currency}
                known={[company.currency, ...plan.prices.map((price) => price.price.currency)]}
                error={faults['price.currency']}
                onChange={(chosen) => put({ currency: chosen })}
              />
            </div>
            <div className={classes.pair}>
              <AmountField
                label={t('price')}
                currency={currency}
                value={draft.price}
                error={faults.price ?? faults['price.amount']}
                onChange={(price) => put({ price })}
                required
              />
              <AmountField label={t('setup')} currency={currency} value={draft.setup} error={faults.setup_fee} onChange={(setup) => put({ setup })} />
              <AmountField label={t('cost')} currency={currency} value={draft.cost} error={faults.cost} onChange={(typed) => put({ cost: typed })} />
            </div>
            {amount !== null && cost !== null && <Margin part={marginOf({ amount, currency }, { amount: cost, currency })} />}
            <DayField label={t('from')} hint={t('fromHint')} value={draft.from} error={faults.valid_from} onChange={(from) => put({ from })} />
            <PriceImpact plan={plan} amount={amount} currency={currency} unit={draft.unit} count={Number(draft.count)} />
          </>
        ),
      }}
    />
  )
}

interface Draft {
  unit: Unit
  count: string
  currency: string
  price: string
  setup: string
  cost: string
  from: string
}

function startOf(after: PriceVersion | undefined, currency: string): Draft {
  if (!after) return { unit: 'month', count: '1', currency, price: '', setup: '', cost: '', from: '' }
  const { price, setup_fee: setup, cost, cycle } = after
  return {
    unit: cycle?.unit ?? 'month',
    count: String(cycle?.count ?? 1),
    currency: price.currency,
    price: '',
    setup: setup?.amount ? typedAmount(setup.amount, setup.currency) : '',
    cost: cost ? typedAmount(cost.amount, cost.currency) : '',
    from: '',
  }
}
