'use client'

import { ActionIcon, Button, Group, NativeSelect, Text, TextInput } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import type { LineValues } from './draft'
import classes from './invoices.module.css'

const UNITS = ['month', 'year', 'week', 'day', 'once'] as const
const CLASSES = ['service', 'hosting', 'domain'] as const
const OPERATIONS = ['register', 'renew', 'transfer'] as const

interface DraftLineProps {
  at: number
  line: LineValues
  plans: { value: string; label: string }[]
  faults: Record<string, string>
  currency: string
  onChange: (part: Partial<LineValues>) => void
  onRemove?: () => void
}

export function DraftLine(props: DraftLineProps) {
  const { at, line, currency, onChange, onRemove } = props
  const t = useTranslations('desk.draft')
  const [more, setMore] = useState(Boolean(line.discount || line.start || line.priceReason))
  const fault = (name: string) => props.faults[`lines.${at}.${name}`] ?? props.faults[`lines.${at}.${name}.amount`]
  const field = (name: keyof LineValues) => ({
    size: 'sm' as const,
    value: line[name],
    onChange: (event: { currentTarget: { value: string } }) => onChange({ [name]: event.currentTarget.value }),
  })
  return (
    <fieldset
      className={classes.line}
      style={{ borderInline: 0, borderBottom: 0, margin: 0, paddingInline: 0 }}
      aria-label={t('line', { at: at + 1 })}
    >
      <Group justify="space-between" mb="xs">
        <Text size="sm" fw={600}>
          {t('line', { at: at + 1 })}
        </Text>
        {onRemove && (
          <ActionIcon variant="subtle" color="gray" onClick={onRemove} aria-label={t('remove', { at: at + 1 })} title={t('remove', { at: at + 1 })}>
            <IconTrash size={16} />
          </ActionIcon>
        )}
      </Group>
      <div className={classes.fields}>
        <div data-span="3">
          <NativeSelect
            {...field('kind')}
            label={t('kind')}
            data={(['free', 'plan', 'name'] as const).map((value) => ({ value, label: t(`kind_${value}`) }))}
          />
        </div>
        <Product {...props} />
        <div data-span="2">
          <TextInput {...field('quantity')} label={t('quantity')} inputMode="numeric" error={fault('quantity')} required />
        </div>
        <div data-span="3">
          <TextInput
            {...field('unitNet')}
            label={t('unitNet', { currency })}
            inputMode="decimal"
            placeholder={line.kind === 'free' ? undefined : t('listPrice')}
            error={fault('unit_net')}
            required={line.kind === 'free'}
          />
        </div>
        <div data-span={line.kind === 'free' ? '12' : '6'}>
          <TextInput
            {...field('description')}
            label={t('description')}
            placeholder={line.kind === 'free' ? undefined : t('descriptionOfProduct')}
            maxLength={500}
            error={fault('description')}
            required={line.kind === 'free'}
          />
        </div>
        {line.kind !== 'free' && (line.unitNet || fault('price_reason')) && (
          <div data-span="6">
            <TextInput {...field('priceReason')} label={t('priceReason')} maxLength={500} error={fault('price_reason')} required />
          </div>
        )}
        {more && <More {...props} />}
      </div>
      {!more && (
        <Button variant="subtle" size="compact-sm" mt="xs" onClick={() => setMore(true)}>
          {t('more')}
        </Button>
      )}
    </fieldset>
  )
}

function Product({ at, line, plans, faults, onChange }: DraftLineProps) {
  const t = useTranslations('desk.draft')
  const fault = (...names: string[]) => names.map((name) => faults[`lines.${at}.${name}`]).find(Boolean)
  const unit = useTranslations('desk.draft.unit')
  const field = (name: keyof LineValues) => ({
    size: 'sm' as const,
    value: line[name],
    onChange: (event: { currentTarget: { value: string } }) => onChange({ [name]: event.currentTarget.value }),
  })
  if (line.kind === 'plan')
    return (
      <>
        <div data-span="4">
          <NativeSelect
            {...field('plan')}
            label={t('plan')}
            data={[{ value: '', label: t('choose') }, ...plans]}
            error={fault('plan.plan', 'plan')}
            required
          />
        </div>
        <div data-span="3">
          <NativeSelect
            {...field('unit')}
            label={t('cycle')}
            data={UNITS.map((value) => ({ value, label: unit(value, { count: Number(line.count) || 1 }) }))}
            error={fault('plan.count')}
          />
        </div>
      </>
    )
  if (line.kind === 'name')
    return (
      <>
        <div data-span="4">
          <TextInput {...field('domain')} label={t('domain')} maxLength={253} autoCapitalize="none" error={fault('name.domain', 'name')} required />
        </div>
        <div data-span="3">
          <NativeSelect
            {...field('operation')}
            label={t('operation')}
            data={OPERATIONS.map((value) => ({ value, label: t(`operation_${value}`) }))}
          />
        </div>
        <div data-span="2">
          <TextInput {...field('years')} label={t('years')} inputMode="numeric" error={fault('name.years')} />
        </div>
      </>
    )
  return (
    <div data-span="4">
      <NativeSelect
        {...field('productClass')}
        label={t('productClass')}
        data={CLASSES.map((value) => ({ value, label: t(`class_${value}`) }))}
        error={fault('product_class')}
      />
    </div>
  )
}

function More({ at, line, currency, faults, onChange }: DraftLineProps) {
  const t = useTranslations('desk.draft')
  const fault = (name: string) => faults[`lines.${at}.${name}`] ?? faults[`lines.${at}.${name}.amount`]
  const field = (name: keyof LineValues) => ({
    size: 'sm' as const,
    value: line[name],
    onChange: (event: { currentTarget: { value: string } }) => onChange({ [name]: event.currentTarget.value }),
  })
  return (
    <>
      <div data-span="3">
        <TextInput {...field('discount')} label={t('discount', { currency })} inputMode="decimal" error={fault('discount')} />
      </div>
      <div data-span="3">
        <TextInput {...field('discountNote')} label={t('discountNote')} maxLength={200} error={fault('discount_note')} />
      </div>
      <div data-span="3">
        <TextInput {...field('start')} type="date" label={t('start')} error={fault('period')} />
      </div>
      <div data-span="3">
        <TextInput {...field('end')} type="date" label={t('end')} />
      </div>
      {line.kind === 'free' && (
        <div data-span="12">
          <TextInput {...field('priceReason')} label={t('freeReason')} maxLength={500} error={fault('price_reason')} />
        </div>
      )}
    </>
  )
}
