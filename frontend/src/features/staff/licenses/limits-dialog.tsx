'use client'

import { NativeSelect, NumberInput } from '@mantine/core'
import { useFormatter, useTranslations } from 'next-intl'
import { useState } from 'react'
import { Problem } from '@/api/client'
import { useName } from '@/features/licenses'
import { type Deed, ReasonDialog } from '../reason-dialog'
import classes from './licenses.module.css'
import { changesOf, choiceOf, type FeatureChoice, featureChoiceOf, featuresOf, type LimitChoice } from './overrides'
import { override, type StaffLicense, type StaffQuota } from './queries'

/** What the shop's plans sell beside their limits; a plan may name more. */
const SOLD = ['free_ssl', 'daily_backups', 'priority_support', 'staging', 'ssh', 'dedicated_ip'] as const

/** For each limit and feature: the plan's, or one for this license alone. */
export function LimitsDialog({ license, onClose }: { license: StaffLicense; onClose: () => void }) {
  const t = useTranslations('staff.license.limits')
  const kept = useTranslations('staff.license')
  const resource = useName('resource')
  const feature = useName('feature')
  const [limits, setLimits] = useState<Record<string, LimitChoice>>(() =>
    Object.fromEntries(license.quotas.map((each) => [each.resource, choiceOf(each)])),
  )
  const [features, setFeatures] = useState<Record<string, FeatureChoice>>({})
  const names = license.quotas.map((each) => each.resource)
  const changes = () => {
    const found = changesOf(license, limits, features)
    const missing = Object.entries(found.limits).filter(([, limit]) => Number.isNaN(limit))
    if (missing.length > 0)
      throw new Problem(
        422,
        'invalid',
        '',
        missing.map(([field]) => ({ field, message: t('number') })),
      )
    if (Object.keys({ ...found.limits, ...found.features }).length === 0)
      throw new Problem(422, 'invalid', '', [{ field: 'limits', message: t('nothing') }])
    return found
  }
  const deed: Deed = {
    hint: kept('kept'),
    title: t('title'),
    text: t('text'),
    submit: t('submit'),
    done: t('done'),
    names,
    size: 'lg',
    run: (reason) => override(license.id, changes(), reason),
    fields: (faults) => (
      <>
        <div className={classes.limits}>
          {license.quotas.map((quota) => (
            <LimitRow
              key={quota.resource}
              quota={quota}
              name={resource(quota.resource)}
              choice={limits[quota.resource] ?? choiceOf(quota)}
              fault={faults[quota.resource]}
              onChoose={(choice) => setLimits((before) => ({ ...before, [quota.resource]: choice }))}
            />
          ))}
        </div>
        <div className={classes.features}>
          {featuresOf(license, SOLD).map((each) => (
            <NativeSelect
              key={each}
              size="xs"
              label={feature(each)}
              value={features[each] ?? featureChoiceOf(license, each)}
              onChange={(event) => {
                const choice = event.currentTarget.value as FeatureChoice
                setFeatures((before) => ({ ...before, [each]: choice }))
              }}
              data={[
                { value: 'plan', label: t(license.plan_features.includes(each) ? 'planYes' : 'planNo') },
                { value: 'yes', label: t('yes') },
                { value: 'no', label: t('no') },
              ]}
            />
          ))}
        </div>
      </>
    ),
  }
  return <ReasonDialog deed={deed} onClose={onClose} />
}

interface LimitRowProps {
  quota: StaffQuota
  name: string
  choice: LimitChoice
  fault: string | undefined
  onChoose: (choice: LimitChoice) => void
}

function LimitRow({ quota, name, choice, fault, onChoose }: LimitRowProps) {
  const t = useTranslations('staff.license.limits')
  const format = useFormatter()
  const plan = quota.plan_limit === null ? t('unlimited') : format.number(quota.plan_limit)
  return (
    <div className={classes.limit} data-own={choice.kind === 'own'}>
      <div>
        <div className={classes.name}>{name}</div>
        <div className={classes.used}>{t('used', { used: quota.used })}</div>
      </div>
      <NativeSelect
        size="sm"
        aria-label={t('limitOf', { name })}
        value={choice.kind}
        onChange={(event) =>
          onChoose({ kind: event.currentTarget.value as LimitChoice['kind'], typed: choice.typed || String(quota.limit ?? quota.used) })
        }
        data={[
          { value: 'plan', label: t('asPlan', { plan }) },
          { value: 'own', label: t('own') },
          { value: 'none', label: t('noLimit') },
        ]}
      />
      {choice.kind === 'own' ? (
        <NumberInput
          size="sm"
          aria-label={t('numberOf', { name })}
          value={choice.typed}
          error={fault}
          min={0}
          allowDecimal={false}
          allowNegative={false}
          onChange={(typed) => onChoose({ kind: 'own', typed: String(typed) })}
        />
      ) : (
        <span className={classes.fault}>{fault}</span>
      )}
    </div>
  )
}
