'use client'

import { Button, Checkbox, Group, Input, NativeSelect, SimpleGrid, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { type ReactNode, useState } from 'react'
import classes from './catalog.module.css'
import type { Unit } from './queries'

const CURRENCIES = 'AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF INR JPY KRW KWD MXN NOK NZD PLN RON SEK SGD TRY USD ZAR'.split(' ')

export function currencyChoices(known: readonly string[] = []): string[] {
  return [...new Set([...known, ...CURRENCIES])]
}

interface TextProps {
  label: string
  value: string
  onChange: (value: string) => void
  error?: string
  hint?: string
  required?: boolean
}

/** A whole number, kept as it was typed until it is sent. */
export function NumberField({ label, value, onChange, error, hint, required }: TextProps) {
  return (
    <TextInput
      size="sm"
      inputMode="numeric"
      label={label}
      description={hint}
      value={value}
      error={error}
      required={required}
      onChange={(event) => onChange(event.currentTarget.value)}
      className={classes.narrow}
    />
  )
}

export function DayField({ label, value, onChange, error, hint }: TextProps) {
  return (
    <TextInput
      size="sm"
      type="date"
      label={label}
      description={hint}
      value={value}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
      className={classes.narrow}
    />
  )
}

/** An amount in a currency that stands beside it. */
export function AmountField({ label, value, onChange, error, hint, required, currency }: TextProps & { currency: string }) {
  return (
    <TextInput
      size="sm"
      inputMode="decimal"
      label={label}
      description={hint}
      value={value}
      error={error}
      required={required}
      rightSection={<span className={classes.currency}>{currency}</span>}
      rightSectionWidth={52}
      rightSectionPointerEvents="none"
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

interface CurrencyProps {
  label: string
  value: string
  onChange: (value: string) => void
  known?: readonly string[]
  error?: string
}

export function CurrencyField({ label, value, onChange, known, error }: CurrencyProps) {
  return (
    <NativeSelect
      size="sm"
      label={label}
      value={value}
      error={error}
      data={currencyChoices(known)}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

const UNITS: readonly Unit[] = ['day', 'week', 'month', 'year']

interface CycleFieldsProps {
  unit: Unit
  count: string
  onChange: (change: { unit?: Unit; count?: string }) => void
  /** May it be charged once? */
  once?: boolean
  faults: { unit?: string; count?: string }
}

/** Any number of days, weeks, months or years; or once. */
export function CycleFields({ unit, count, onChange, once, faults }: CycleFieldsProps) {
  const t = useTranslations('catalog.fields')
  const units = once ? [...UNITS, 'once' as const] : UNITS
  return (
    <SimpleGrid cols={2} spacing="sm">
      <TextInput
        size="sm"
        inputMode="numeric"
        label={t('every')}
        value={unit === 'once' ? '' : count}
        disabled={unit === 'once'}
        error={faults.count}
        onChange={(event) => onChange({ count: event.currentTarget.value })}
      />
      <NativeSelect
        size="sm"
        label={t('unit')}
        value={unit}
        error={faults.unit}
        data={units.map((value) => ({ value, label: t(`units.${value}`) }))}
        onChange={(event) => onChange({ unit: event.currentTarget.value as Unit })}
      />
    </SimpleGrid>
  )
}

interface PickFieldProps {
  label: string
  hint?: string
  /** What can be chosen; what is chosen and not among it is shown too. */
  known: readonly { value: string; label: string }[]
  chosen: readonly string[]
  onChange: (chosen: string[]) => void
  error?: string
  none?: string
  /** Something that nobody has named yet can be added: the field's label. */
  own?: string
}

/** Some of a list, in the order in which they were chosen. */
export function PickField({ label, hint, known, chosen, onChange, error, none, own }: PickFieldProps) {
  const shown = [...known, ...chosen.filter((value) => !known.some((each) => each.value === value)).map((value) => ({ value, label: value }))]
  const put = (value: string, on: boolean) => onChange(on ? [...chosen, value] : chosen.filter((each) => each !== value))
  return (
    <Input.Wrapper label={label} description={hint} error={error} labelElement="div" role="group" aria-label={label}>
      <Group gap="6px 18px" mt={6}>
        {shown.length === 0 && <span className={classes.aside}>{none}</span>}
        {shown.map((each) => (
          <Checkbox
            key={each.value}
            size="sm"
            label={each.label}
            checked={chosen.includes(each.value)}
            onChange={(event) => put(each.value, event.currentTarget.checked)}
          />
        ))}
      </Group>
      {own && <OwnWord label={own} onAdd={(value) => !chosen.includes(value) && put(value, true)} />}
    </Input.Wrapper>
  )
}

function OwnWord({ label, onAdd }: { label: string; onAdd: (value: string) => void }) {
  const t = useTranslations('catalog.fields')
  const [text, setText] = useState('')
  const add = () => {
    if (text.trim()) onAdd(text.trim().toLowerCase())
    setText('')
  }
  return (
    <Group gap="xs" mt="xs" wrap="nowrap" className={classes.own}>
      <TextInput
        size="xs"
        flex={1}
        aria-label={label}
        placeholder={label}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return
          event.preventDefault()
          add()
        }}
      />
      <Button size="xs" variant="default" onClick={add}>
        {t('add')}
      </Button>
    </Group>
  )
}

/** Fields that belong together, below a heading. */
export function Part({ title, text, children }: { title: string; text?: string; children: ReactNode }) {
  return (
    <fieldset className={classes.part}>
      <legend>{title}</legend>
      {text && <p className={classes.aside}>{text}</p>}
      {children}
    </fieldset>
  )
}
