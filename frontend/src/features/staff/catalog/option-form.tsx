'use client'

import { Button, Checkbox, NativeSelect, Skeleton, Stack, Textarea, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { Trouble } from '@/components/trouble'
import classes from './catalog.module.css'
import { NumberField, Part, PickField } from './fields'
import { FormPage } from './form-page'
import { LimitsField, limitNames } from './limits-field'
import { bodyOf, draftOf, newOption, newValue, type OptionDraft, type ValueDraft } from './option-draft'
import { changeOption, createOption, type Option, useManagedOption } from './queries'
import { Sheet } from './sheet'
import { useFaultWords, useThing } from './words'

const NAMES = ['code', 'name', 'description', 'kind', 'minimum', 'maximum', 'values']
const FEATURES = ['free_ssl', 'daily_backups', 'priority_support', 'staging', 'ssh', 'dedicated_ip']

export function NewOptionPage() {
  return <OptionForm initial={newOption()} />
}

export function EditOptionPage({ id }: { id: string }) {
  const found = useManagedOption(id)
  if (found.error && !found.data) return <Trouble error={found.error} retry={() => found.refetch()} />
  return found.data ? <OptionForm initial={draftOf(found.data)} option={found.data} /> : <Skeleton height={480} radius="lg" />
}

function OptionForm({ initial, option: given }: { initial: OptionDraft; option?: Option }) {
  const t = useTranslations('catalog')
  const words = useFaultWords()
  const [option] = useState(given)
  const [draft, setDraft] = useState(initial)
  const put = (change: Partial<OptionDraft>) => setDraft((before) => ({ ...before, ...change }))
  const save = async (reason: string | undefined) => {
    const sheet = new Sheet(words)
    const body = { ...bodyOf(draft, sheet), reason }
    sheet.check()
    const saved = option ? await changeOption(option, body) : await createOption({ ...body, code: draft.code.trim(), kind: draft.kind })
    return `/admin/options/${saved.id}`
  }
  const values = draft.values.flatMap((value, at) => [`values.${at}.code`, `values.${at}.name`, ...limitNames(value.limits)])
  return (
    <FormPage
      title={option ? t('plan.changeTitle', { name: option.name }) : t('options.make')}
      text={t('option.text')}
      back={option ? { href: `/admin/options/${option.id}`, label: option.name } : { href: '/admin/options', label: t('options.title') }}
      submit={option ? t('fields.save') : t('options.make')}
      done={option ? t('fields.saved') : t('option.created')}
      names={[...values, ...NAMES]}
      save={save}
    >
      {(faults) => (
        <>
          <About draft={draft} put={put} faults={faults} isNew={!option} />
          <Part title={t('option.values')} text={t(`option.valuesText.${draft.kind}`)}>
            <Stack gap="sm">
              {draft.values.map((value, at) => (
                <ValueFields
                  key={value.key}
                  value={value}
                  at={at}
                  faults={faults}
                  onChange={(changed) => put({ values: draft.values.map((each, index) => (index === at ? changed : each)) })}
                  onRemove={draft.values.length > 1 ? () => put({ values: draft.values.filter((_, index) => index !== at) }) : undefined}
                />
              ))}
              {(draft.kind === 'choice' || draft.values.length === 0) && (
                <Button size="xs" variant="default" w="max-content" onClick={() => put({ values: [...draft.values, newValue()] })}>
                  {t('option.addValue')}
                </Button>
              )}
            </Stack>
          </Part>
        </>
      )}
    </FormPage>
  )
}

interface AboutProps {
  draft: OptionDraft
  put: (change: Partial<OptionDraft>) => void
  faults: Record<string, string>
  isNew: boolean
}

function About({ draft, put, faults, isNew }: AboutProps) {
  const t = useTranslations('catalog')
  return (
    <Part title={t('plan.about')}>
      <div className={classes.pair}>
        <TextInput
          size="sm"
          label={t('plan.name')}
          description={t('plan.nameHint')}
          value={draft.name}
          error={faults.name}
          required
          onChange={(event) => put({ name: event.currentTarget.value })}
        />
        {isNew && (
          <>
            <TextInput
              size="sm"
              label={t('plan.code')}
              description={t('plan.codeHint')}
              value={draft.code}
              error={faults.code}
              autoCapitalize="none"
              required
              onChange={(event) => put({ code: event.currentTarget.value })}
            />
            <NativeSelect
              size="sm"
              label={t('columns.kind')}
              value={draft.kind}
              data={[
                { value: 'choice', label: t('option.choice') },
                { value: 'quantity', label: t('option.quantity') },
              ]}
              onChange={(event) => put({ kind: event.currentTarget.value as OptionDraft['kind'] })}
            />
          </>
        )}
      </div>
      <Textarea
        size="sm"
        label={t('plan.description')}
        value={draft.description}
        error={faults.description}
        autosize
        minRows={2}
        onChange={(event) => put({ description: event.currentTarget.value })}
      />
      {draft.kind === 'quantity' && (
        <div className={classes.pair}>
          <NumberField label={t('option.minimum')} value={draft.minimum} error={faults.minimum} onChange={(minimum) => put({ minimum })} />
          <NumberField label={t('option.maximum')} value={draft.maximum} error={faults.maximum} onChange={(maximum) => put({ maximum })} />
        </div>
      )}
      <Checkbox
        size="sm"
        label={t('option.required')}
        checked={draft.required}
        onChange={(event) => put({ required: event.currentTarget.checked })}
      />
    </Part>
  )
}

interface ValueFieldsProps {
  value: ValueDraft
  at: number
  faults: Record<string, string>
  onChange: (value: ValueDraft) => void
  onRemove?: () => void
}

function ValueFields({ value, at, faults, onChange, onRemove }: ValueFieldsProps) {
  const t = useTranslations('catalog')
  const thing = useThing()
  return (
    <fieldset className={classes.value} aria-label={t('option.valueOf', { at: at + 1 })}>
      <div className={classes.pair}>
        <TextInput
          size="sm"
          label={t('option.valueName')}
          value={value.name}
          error={faults[`values.${at}.name`]}
          required
          onChange={(event) => onChange({ ...value, name: event.currentTarget.value })}
        />
        <TextInput
          size="sm"
          label={t('plan.code')}
          value={value.code}
          error={faults[`values.${at}.code`]}
          disabled={value.stored}
          autoCapitalize="none"
          required
          onChange={(event) => onChange({ ...value, code: event.currentTarget.value })}
        />
      </div>
      <div>
        <p className={classes.aside}>{t('option.adds')}</p>
        <LimitsField rows={value.limits} onChange={(limits) => onChange({ ...value, limits })} faults={faults} />
      </div>
      <PickField
        label={t('plan.features')}
        known={FEATURES.map((feature) => ({ value: feature, label: thing(feature) }))}
        chosen={value.features}
        onChange={(features) => onChange({ ...value, features })}
        own={t('plan.ownFeature')}
      />
      {onRemove && (
        <Button size="xs" variant="default" w="max-content" onClick={onRemove}>
          {t('option.removeValue')}
        </Button>
      )}
    </fieldset>
  )
}
