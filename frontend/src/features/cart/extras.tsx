'use client'

import { Group, NativeSelect, Stack, Text } from '@mantine/core'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import type { MoneyBody } from '@/api/client'
import type { Plan } from '@/api/server'
import { useCycleWords } from '@/components/cycle-words'
import { useMoney } from '@/components/money'
import { priceFor } from '@/features/catalog'
import { type Cycle, cycleKey } from '@/lib/cycle'
import type { HostingItem } from '.'
import { chooseAddon, chooseOption } from './choosing'
import { Pieces } from './item-parts'

interface ExtrasProps {
  plan: Plan
  cycle: Cycle
  item: HostingItem
  onChange: (item: HostingItem) => void
  /** Setup fees belong to orders: what is added to a subscription bears none. */
  setup?: boolean
}

const ADDONS_MOST = 10
const PIECES_MOST = 100
const ONCE: Cycle = { unit: 'once', count: 1 }

/** The plan's options and add-ons, with what each costs for the chosen period. */
export function Extras({ plan, cycle, item, onChange, setup = true }: ExtrasProps) {
  const t = useTranslations('cart')
  if (plan.options.length + plan.addons.length === 0) return null
  return (
    <section aria-label={t('extras')}>
      <Text fw={600} mb="xs">
        {t('extras')}
      </Text>
      <Stack gap="sm">
        {plan.options.map((option) => (
          <OptionRow key={option.code} option={option} cycle={cycle} item={item} onChange={onChange} />
        ))}
        {plan.addons.map((addon) => (
          <AddonRow key={addon.code} {...{ addon, cycle, item, onChange, setup }} />
        ))}
      </Stack>
    </section>
  )
}

function Row({ name, text, children }: { name: string; text: string; children?: ReactNode }) {
  return (
    <Group justify="space-between" wrap="nowrap" gap="md">
      <div>
        <Text>{name}</Text>
        <Text size="sm" c="dimmed">
          {text}
        </Text>
      </div>
      {children}
    </Group>
  )
}

function OptionRow({ option, cycle, item, onChange }: Omit<ExtrasProps, 'plan'> & { option: Plan['options'][number] }) {
  const t = useTranslations('cart')
  const money = useMoney()
  const words = useCycleWords()
  const chosen = item.options?.find((each) => each.code === option.code)
  const priceOf = (value: (typeof option.values)[number]): MoneyBody | undefined =>
    value.prices.find((each) => cycleKey(each.cycle) === cycleKey(cycle))?.price
  const sold = option.values.filter(priceOf)
  const each = (price: MoneyBody | undefined) => (price ? t('each', { price: money(price), per: words.per(cycle) }) : '')
  const nameAndPrice = (value: (typeof option.values)[number]) => {
    const price = priceOf(value)
    return price ? `${value.name} · ${money(price)}` : value.name
  }
  if (sold.length === 0) return <Row name={option.name} text={t('notForCycle')} />
  if (option.kind === 'quantity') {
    const least = option.required ? Math.max(1, option.minimum) : 0
    return (
      <Row name={option.name} text={each(sold[0] && priceOf(sold[0]))}>
        <Pieces
          label={option.name}
          value={chosen?.quantity ?? 0}
          least={least}
          most={Math.min(option.maximum, PIECES_MOST)}
          onChange={(quantity) =>
            onChange(chooseOption(item, { code: option.code, quantity: quantity > 0 ? Math.max(quantity, option.minimum) : 0 }))
          }
        />
      </Row>
    )
  }
  const data = sold.map((value) => ({ value: value.code, label: nameAndPrice(value) }))
  return (
    <Row name={option.name} text={[option.description, words.per(cycle)].filter(Boolean).join(' · ')}>
      <NativeSelect
        aria-label={option.name}
        maw={230}
        value={chosen?.value ?? ''}
        onChange={(event) => onChange(chooseOption(item, { code: option.code, value: event.currentTarget.value || null }))}
        data={option.required ? data : [{ value: '', label: t('without') }, ...data]}
      />
    </Row>
  )
}

function AddonRow({ addon, cycle, item, onChange, setup }: Omit<ExtrasProps, 'plan'> & { addon: Plan['addons'][number] }) {
  const t = useTranslations('cart')
  const money = useMoney()
  const words = useCycleWords()
  const priced = priceFor(addon, cycle) ?? priceFor(addon, ONCE)
  const count = item.addons?.find((each) => each.code === addon.code)?.quantity ?? 0
  if (!priced) return <Row name={addon.name} text={t('notForCycle')} />
  const price = t('each', { price: money(priced.price), per: words.per(priced.cycle) })
  const fee = setup && priced.setup_fee.amount > 0 ? `, ${t('setup', { fee: money(priced.setup_fee) })}` : ''
  const text = [addon.in_stock ? addon.tagline : t('soldOut'), price + fee].filter(Boolean).join(' · ')
  return (
    <Row name={addon.name} text={text}>
      {(addon.in_stock || count > 0) && (
        <Pieces
          label={addon.name}
          value={count}
          least={0}
          most={addon.in_stock ? ADDONS_MOST : count}
          onChange={(quantity) => onChange(chooseAddon(item, addon.code, quantity))}
        />
      )}
    </Row>
  )
}
