'use client'

import { Checkbox, Skeleton, Textarea, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { useState } from 'react'
import { Trouble } from '@/components/trouble'
import classes from './catalog.module.css'
import { NumberField, Part, PickField } from './fields'
import { FormPage } from './form-page'
import { IncludedFields } from './included-fields'
import { LimitsField, limitNames } from './limits-field'
import { changeOf, draftOf, newDraft, type PlanDraft } from './plan-draft'
import { changePlan, createPlan, useManagedOptions, useManagedPlan, useManagedPlans, type WholePlan } from './queries'
import { Sheet } from './sheet'
import { useFaultWords, useThing } from './words'

const NAMES = ['code', 'kind', 'name', 'tagline', 'description', 'position', 'features', 'trial_days', 'addons', 'options', 'included_domains']
const INCLUDED = ['count', 'tlds', 'minimum_cycle']
const KINDS = ['hosting', 'addon', 'product'] as const
const FEATURES = ['free_ssl', 'daily_backups', 'priority_support', 'staging', 'ssh', 'dedicated_ip']

export function NewPlanPage() {
  const [kind] = useQueryState('kind', parseAsStringLiteral(KINDS).withDefault('hosting'))
  return <PlanForm key={kind} initial={newDraft(kind)} />
}

export function EditPlanPage({ id }: { id: string }) {
  const found = useManagedPlan(id)
  if (found.error && !found.data) return <Trouble error={found.error} retry={() => found.refetch()} />
  return found.data ? <PlanForm initial={draftOf(found.data)} plan={found.data} /> : <Skeleton height={480} radius="lg" />
}

/** `plan`: the one that is changed, in the version that was read when the form was opened. */
function PlanForm({ initial, plan: given }: { initial: PlanDraft; plan?: WholePlan }) {
  const t = useTranslations('catalog')
  const words = useFaultWords()
  const [plan] = useState(given)
  const [draft, setDraft] = useState(initial)
  const put = (change: Partial<PlanDraft>) => setDraft((before) => ({ ...before, ...change }))
  const save = async (reason: string | undefined) => {
    const sheet = new Sheet(words)
    const change = { ...changeOf(draft, sheet), reason }
    sheet.check()
    const { kind, name } = draft
    const code = draft.code.trim()
    const saved = plan ? await changePlan(plan, change) : await createPlan({ ...change, code, kind, name })
    return `/admin/plans/${saved.id}`
  }
  const back = plan ? { href: `/admin/plans/${plan.id}`, label: plan.name } : { href: '/admin/plans', label: t('plans.title') }
  return (
    <FormPage
      title={plan ? t('plan.changeTitle', { name: plan.name }) : t(`plans.new.${draft.kind}`)}
      text={plan ? t('plan.changeText') : t('plan.newText')}
      back={back}
      submit={plan ? t('fields.save') : t('plan.create')}
      done={plan ? t('fields.saved') : t('plan.created')}
      names={[...NAMES, ...INCLUDED, ...limitNames(draft.limits)]}
      save={save}
    >
      {(faults) => (
        <>
          <About draft={draft} put={put} faults={faults} isNew={!plan} />
          <Brings draft={draft} put={put} faults={faults} />
          {draft.kind === 'hosting' && <WithPlan draft={draft} put={put} faults={faults} />}
        </>
      )}
    </FormPage>
  )
}

export interface PartProps {
  draft: PlanDraft
  put: (change: Partial<PlanDraft>) => void
  faults: Record<string, string>
}

function About({ draft, put, faults, isNew }: PartProps & { isNew: boolean }) {
  const t = useTranslations('catalog.plan')
  return (
    <Part title={t('about')}>
      <div className={classes.pair}>
        <TextInput
          size="sm"
          label={t('name')}
          description={t('nameHint')}
          value={draft.name}
          error={faults.name}
          maxLength={120}
          required
          onChange={(event) => put({ name: event.currentTarget.value })}
        />
        {isNew && (
          <TextInput
            size="sm"
            label={t('code')}
            description={t('codeHint')}
            value={draft.code}
            error={faults.code}
            maxLength={63}
            required
            autoCapitalize="none"
            onChange={(event) => put({ code: event.currentTarget.value })}
          />
        )}
      </div>
      <TextInput
        size="sm"
        label={t('tagline')}
        value={draft.tagline}
        error={faults.tagline}
        onChange={(event) => put({ tagline: event.currentTarget.value })}
      />
      <Textarea
        size="sm"
        label={t('description')}
        value={draft.description}
        error={faults.description}
        autosize
        minRows={2}
        maxLength={5000}
        onChange={(event) => put({ description: event.currentTarget.value })}
      />
      <NumberField
        label={t('position')}
        hint={t('positionHint')}
        value={draft.position}
        error={faults.position}
        onChange={(position) => put({ position })}
      />
    </Part>
  )
}

function Brings({ draft, put, faults }: PartProps) {
  const t = useTranslations('catalog.plan')
  const thing = useThing()
  const plans = useManagedPlans().data ?? []
  const features = [...new Set([...FEATURES, ...plans.flatMap((plan) => plan.features)])]
  return (
    <Part title={t('brings')} text={t(`bringsText.${draft.kind}`)}>
      <LimitsField rows={draft.limits} onChange={(limits) => put({ limits })} faults={faults} />
      <PickField
        label={t('features')}
        known={features.map((value) => ({ value, label: thing(value) }))}
        chosen={draft.features}
        error={faults.features}
        onChange={(chosen) => put({ features: chosen })}
        own={t('ownFeature')}
      />
    </Part>
  )
}

function WithPlan({ draft, put, faults }: PartProps) {
  const t = useTranslations('catalog.plan')
  const plans = useManagedPlans().data ?? []
  const options = useManagedOptions().data ?? []
  const addons = plans.filter((plan) => plan.kind === 'addon')
  return (
    <>
      <Part title={t('beside')} text={t('besideText')}>
        <PickField
          label={t('addons')}
          known={addons.map(({ code, name }) => ({ value: code, label: name }))}
          chosen={draft.addons}
          error={faults.addons}
          none={t('noAddons')}
          onChange={(chosen) => put({ addons: chosen })}
        />
        <PickField
          label={t('options')}
          known={options.map(({ code, name }) => ({ value: code, label: name }))}
          chosen={draft.options}
          error={faults.options}
          none={t('noOptions')}
          onChange={(chosen) => put({ options: chosen })}
        />
      </Part>
      <Part title={t('trial')}>
        <NumberField
          label={t('trialDays')}
          hint={t('trialHint')}
          value={draft.trial}
          error={faults.trial_days}
          onChange={(trial) => put({ trial })}
        />
      </Part>
      <Part title={t('included')} text={t('includedText')}>
        <Checkbox size="sm" label={t('includes')} checked={draft.included} onChange={(event) => put({ included: event.currentTarget.checked })} />
        {draft.included && <IncludedFields draft={draft} put={put} faults={faults} />}
      </Part>
    </>
  )
}
