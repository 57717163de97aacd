'use client'

import { NativeSelect, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { useCompany } from '@/features/company'
import { ReasonDialog } from '../reason-dialog'
import classes from './catalog.module.css'
import { AmountField, CurrencyField, DayField, NumberField } from './fields'
import { Margin } from './margin'
import { changeTld, createTld, priceTld, type Tld } from './queries'
import { parseAmount, Sheet } from './sheet'
import { marginOf } from './versions'
import { useFaultWords } from './words'

/** An ending made, or changed where there is one already. */
export function TldDialog({ tld, onClose }: { tld?: Tld; onClose: () => void }) {
  const t = useTranslations('catalog')
  const words = useFaultWords()
  const [name, setName] = useState(tld?.tld ?? '')
  const [least, setLeast] = useState(String(tld?.min_years ?? 1))
  const [most, setMost] = useState(String(tld?.max_years ?? 10))
  const [position, setPosition] = useState(tld ? String(tld.position) : '')
  const run = (reason: string) => {
    const sheet = new Sheet(words)
    const years = { min_years: sheet.whole('min_years', least), max_years: sheet.whole('max_years', most) }
    const body = { ...years, ...(position.trim() ? { position: sheet.whole('position', position) } : {}), reason }
    sheet.check()
    return tld ? changeTld(tld, body) : createTld({ ...body, tld: name.trim().replace(/^\./, '') })
  }
  return (
    <ReasonDialog
      onClose={onClose}
      deed={{
        title: tld ? t('plan.changeTitle', { name: `.${tld.tld}` }) : t('tlds.make'),
        text: tld ? t('tld.changeText') : t('tld.newText'),
        submit: tld ? t('fields.save') : t('tlds.make'),
        done: tld ? t('fields.saved') : t('tld.created'),
        hint: t('plan.kept'),
        names: ['tld', 'code', 'min_years', 'max_years', 'position', 'years'],
        run,
        fields: (faults) => (
          <>
            {!tld && (
              <TextInput
                size="sm"
                label={t('tlds.ending')}
                description={t('tld.hint')}
                value={name}
                error={faults.tld ?? faults.code}
                autoCapitalize="none"
                required
                onChange={(event) => setName(event.currentTarget.value)}
              />
            )}
            <div className={classes.pair}>
              <NumberField label={t('tld.least')} value={least} error={faults.min_years ?? faults.years} onChange={setLeast} />
              <NumberField label={t('tld.most')} value={most} error={faults.max_years} onChange={setMost} />
            </div>
            <NumberField label={t('plan.position')} hint={t('plan.positionHint')} value={position} error={faults.position} onChange={setPosition} />
          </>
        ),
      }}
    />
  )
}

const OPERATIONS = ['register', 'renew', 'transfer'] as const
const NAMES = ['operation', 'years', 'price', 'price.amount', 'price.currency', 'cost', 'cost.amount', 'cost.currency', 'valid_from']

/** A new version of an ending's price, with what the registrar takes in its own currency. */
export function TldPriceDialog({ tld, onClose }: { tld: Tld; onClose: () => void }) {
  const t = useTranslations('catalog')
  const words = useFaultWords()
  const company = useCompany()
  const known = [...new Set([company.currency, ...tld.prices.map((price) => price.price.currency)])]
  const [draft, setDraft] = useState({
    operation: 'register' as (typeof OPERATIONS)[number],
    years: '1',
    price: '',
    currency: company.currency,
    cost: '',
    costCurrency: tld.prices.find((price) => price.cost)?.cost?.currency ?? company.currency,
    from: '',
  })
  const put = (change: Partial<typeof draft>) => setDraft((before) => ({ ...before, ...change }))
  const [amount, cost] = [parseAmount(draft.price, draft.currency), draft.cost.trim() ? parseAmount(draft.cost, draft.costCurrency) : null]
  const run = (reason: string) => {
    const sheet = new Sheet(words)
    const body = {
      operation: draft.operation,
      years: sheet.whole('years', draft.years),
      price: sheet.amount('price', draft.price, draft.currency),
      cost: draft.cost.trim() ? sheet.amount('cost', draft.cost, draft.costCurrency) : null,
      valid_from: draft.from || null,
      reason,
    }
    sheet.check()
    return priceTld(tld, body)
  }
  return (
    <ReasonDialog
      onClose={onClose}
      deed={{
        title: t('prices.addTitle', { name: `.${tld.tld}` }),
        text: t('tld.priceText'),
        submit: t('prices.submit'),
        done: t('prices.done'),
        hint: t('plan.kept'),
        names: NAMES,
        size: 'lg',
        run,
        fields: (faults) => (
          <>
            <div className={classes.pair}>
              <NativeSelect
                size="sm"
                label={t('tld.operation')}
                value={draft.operation}
                error={faults.operation}
                data={OPERATIONS.map((value) => ({ value, label: t(`tlds.${value}`) }))}
                onChange={(event) => put({ operation: event.currentTarget.value as (typeof OPERATIONS)[number] })}
              />
              <NumberField
                label={t('tlds.years')}
                hint={t('tld.yearsHint')}
                value={draft.years}
                error={faults.years}
                onChange={(years) => put({ years })}
              />
            </div>
            <div className={classes.pair}>
              <AmountField
                label={t('prices.price')}
                currency={draft.currency}
                value={draft.price}
                error={faults.price ?? faults['price.amount']}
                onChange={(price) => put({ price })}
                required
              />
              <CurrencyField
                label={t('prices.currency')}
                value={draft.currency}
                known={known}
                error={faults['price.currency']}
                onChange={(currency) => put({ currency })}
              />
              <AmountField
                label={t('prices.cost')}
                currency={draft.costCurrency}
                value={draft.cost}
                error={faults.cost ?? faults['cost.amount']}
                onChange={(typed) => put({ cost: typed })}
              />
              <CurrencyField
                label={t('tld.costCurrency')}
                value={draft.costCurrency}
                known={known}
                error={faults['cost.currency']}
                onChange={(costCurrency) => put({ costCurrency })}
              />
            </div>
            {amount !== null && cost !== null && (
              <Margin part={marginOf({ amount, currency: draft.currency }, { amount: cost, currency: draft.costCurrency })} />
            )}
            <DayField
              label={t('prices.from')}
              hint={t('prices.fromHint')}
              value={draft.from}
              error={faults.valid_from}
              onChange={(from) => put({ from })}
            />
          </>
        ),
      }}
    />
  )
}
