'use client'

import { NativeSelect } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { useCompany } from '@/features/company'
import { ReasonDialog } from '../reason-dialog'
import classes from './catalog.module.css'
import { AmountField, CurrencyField, CycleFields, DayField } from './fields'
import { type Option, priceOption, type Unit } from './queries'
import { Sheet } from './sheet'
import { useFaultWords } from './words'

const NAMES = ['value', 'unit', 'count', 'cycle', 'price', 'price.amount', 'price.currency', 'valid_from']

/** What one piece of a value costs for a cycle of its plan. */
export function OptionPriceDialog({ option, onClose }: { option: Option; onClose: () => void }) {
  const t = useTranslations('catalog.prices')
  const kept = useTranslations('catalog.plan')
  const words = useFaultWords()
  const company = useCompany()
  const values = option.values.filter((value) => value.state === 'on_sale')
  const [draft, setDraft] = useState({
    value: values[0]?.code ?? '',
    unit: 'month' as Unit,
    count: '1',
    currency: company.currency,
    price: '',
    from: '',
  })
  const put = (change: Partial<typeof draft>) => setDraft((before) => ({ ...before, ...change }))
  const run = (reason: string) => {
    const sheet = new Sheet(words)
    const cycle = { unit: draft.unit, count: draft.unit === 'once' ? 1 : sheet.whole('count', draft.count) }
    const body = { value: draft.value, cycle, price: sheet.amount('price', draft.price, draft.currency), valid_from: draft.from || null, reason }
    sheet.check()
    return priceOption(option, body)
  }
  return (
    <ReasonDialog
      onClose={onClose}
      deed={{
        title: t('addTitle', { name: option.name }),
        text: t('addOptionText'),
        submit: t('submit'),
        done: t('done'),
        hint: kept('kept'),
        names: NAMES,
        size: 'lg',
        run,
        fields: (faults) => (
          <>
            <NativeSelect
              size="sm"
              label={t('value')}
              value={draft.value}
              error={faults.value}
              data={values.map((value) => ({ value: value.code, label: value.name }))}
              onChange={(event) => put({ value: event.currentTarget.value })}
            />
            <CycleFields
              unit={draft.unit}
              count={draft.count}
              once
              onChange={put}
              faults={{ unit: faults.unit ?? faults.cycle, count: faults.count }}
            />
            <div className={classes.pair}>
              <AmountField
                label={t('price')}
                currency={draft.currency}
                value={draft.price}
                error={faults.price ?? faults['price.amount']}
                onChange={(price) => put({ price })}
                required
              />
              <CurrencyField
                label={t('currency')}
                value={draft.currency}
                known={[company.currency]}
                error={faults['price.currency']}
                onChange={(currency) => put({ currency })}
              />
            </div>
            <DayField label={t('from')} hint={t('fromHint')} value={draft.from} error={faults.valid_from} onChange={(from) => put({ from })} />
          </>
        ),
      }}
    />
  )
}
