'use client'

import { Checkbox } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { Choice } from '@/components/form/choice'
import classes from './catalog.module.css'
import type { CouponPartProps } from './coupon-form'
import { DayField, NumberField, Part, PickField } from './fields'
import { useManagedPlans, useManagedTlds } from './queries'

const ALL = '*'

/** What it is for: everything, or only what is picked here. */
export function CouponScope({ draft, put, faults }: CouponPartProps) {
  const t = useTranslations('catalog.coupon')
  const plans = useManagedPlans().data ?? []
  const tlds = useManagedTlds().data ?? []
  return (
    <Part title={t('scope')} text={t('scopeText')}>
      <Choice<'all' | 'some'>
        label={t('scope')}
        value={draft.everything ? 'all' : 'some'}
        onChange={(value) => put({ everything: value === 'all' })}
        data={[
          { value: 'all', label: t('everything') },
          { value: 'some', label: t('only') },
        ]}
      />
      {!draft.everything && (
        <>
          <PickField
            label={t('plans')}
            known={[{ value: ALL, label: t('allPlans') }, ...plans.map(({ code, name }) => ({ value: code, label: name }))]}
            chosen={draft.plans}
            error={faults.plan_codes}
            onChange={(chosen) => put({ plans: chosen })}
          />
          <PickField
            label={t('tlds')}
            known={[{ value: ALL, label: t('allTlds') }, ...tlds.map(({ tld }) => ({ value: tld, label: `.${tld}` }))]}
            chosen={draft.tlds}
            error={faults.tlds}
            onChange={(chosen) => put({ tlds: chosen })}
          />
        </>
      )}
    </Part>
  )
}

/** Who may use it, how often, and when. */
export function CouponTerms({ draft, put, faults }: CouponPartProps) {
  const t = useTranslations('catalog.coupon')
  return (
    <Part title={t('limits')}>
      <div className={classes.pair}>
        <NumberField
          label={t('perCustomer')}
          hint={t('noLimitHint')}
          value={draft.perCustomer}
          error={faults.per_customer}
          onChange={(perCustomer) => put({ perCustomer })}
        />
        <NumberField label={t('most')} hint={t('noLimitHint')} value={draft.most} error={faults.max_uses} onChange={(most) => put({ most })} />
        <DayField label={t('from')} hint={t('fromHint')} value={draft.from} error={faults.valid_from} onChange={(from) => put({ from })} />
        <DayField label={t('until')} hint={t('untilHint')} value={draft.until} error={faults.valid_until} onChange={(until) => put({ until })} />
      </div>
      <Checkbox size="sm" label={t('newcomers')} checked={draft.newcomers} onChange={(event) => put({ newcomers: event.currentTarget.checked })} />
    </Part>
  )
}
