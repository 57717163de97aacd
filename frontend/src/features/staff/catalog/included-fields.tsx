'use client'

import { NativeSelect } from '@mantine/core'
import { useTranslations } from 'next-intl'
import classes from './catalog.module.css'
import { NumberField, PickField } from './fields'
import type { PlanDraft } from './plan-draft'
import type { PartProps } from './plan-form'
import { useManagedTlds } from './queries'

const LEAST = ['any', 'day', 'week', 'month', 'year'] as const
const LASTS = ['first_year', 'while_active'] as const

/** How many names come with a plan, of which endings, from which cycle on and for how long. */
export function IncludedFields({ draft, put, faults }: PartProps) {
  const t = useTranslations('catalog')
  const tlds = useManagedTlds().data ?? []
  return (
    <>
      <div className={classes.pair}>
        <NumberField label={t('included.count')} value={draft.count} error={faults.count} onChange={(count) => put({ count })} required />
        <NativeSelect
          size="sm"
          label={t('included.lasts')}
          value={draft.lasts}
          data={LASTS.map((value) => ({ value, label: t(`included.${value}`) }))}
          onChange={(event) => put({ lasts: event.currentTarget.value as PlanDraft['lasts'] })}
        />
        <NativeSelect
          size="sm"
          label={t('included.least')}
          value={draft.least}
          error={draft.least === 'any' ? faults.minimum_cycle : undefined}
          data={LEAST.map((value) => ({ value, label: value === 'any' ? t('included.any') : t(`fields.units.${value}`) }))}
          onChange={(event) => put({ least: event.currentTarget.value as PlanDraft['least'] })}
        />
        {draft.least !== 'any' && (
          <NumberField
            label={t('included.leastCount')}
            value={draft.leastCount}
            error={faults.minimum_cycle}
            onChange={(leastCount) => put({ leastCount })}
          />
        )}
      </div>
      <PickField
        label={t('included.tlds')}
        known={tlds.map(({ tld }) => ({ value: tld, label: `.${tld}` }))}
        chosen={draft.tlds}
        error={faults.tlds}
        onChange={(chosen) => put({ tlds: chosen })}
      />
    </>
  )
}
