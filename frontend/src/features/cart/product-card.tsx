'use client'

import { Card, Group, Text, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useCycleWords } from '@/components/cycle-words'
import { Choice } from '@/components/form/choice'
import { Money, useMoney } from '@/components/money'
import { cyclesOf, priceFor, useProducts } from '@/features/catalog'
import { type Cycle, cycleKey } from '@/lib/cycle'
import type { ProductItem } from '.'
import { type CardProps, Pieces, RemoveButton } from './item-parts'

const MOST = 20

export function ProductCard({ item, onChange, onRemove }: CardProps<ProductItem>) {
  const t = useTranslations('cart')
  const words = useCycleWords()
  const money = useMoney()
  const product = useProducts().data?.find((each) => each.code === item.product)
  const cycle: Cycle = item.cycle ? { unit: item.cycle.unit ?? 'month', count: item.cycle.count ?? 1 } : { unit: 'once', count: 1 }
  const cycles = product ? cyclesOf([product]) : []
  const priced = priceFor(product, cycle)
  const name = product?.name ?? item.product
  const change = (key: string) => {
    const found = cycles.find((each) => cycleKey(each) === key) ?? cycle
    onChange({ ...item, cycle: found.unit === 'once' ? null : { unit: found.unit, count: found.count } })
  }
  return (
    <Card component="section" aria-label={name}>
      <Group justify="space-between" align="flex-start" mb="sm" wrap="nowrap">
        <div>
          <Title order={2} fz={20}>
            {name}
          </Title>
          {priced && (
            <Text c="dimmed">
              <Money value={priced.price} /> {words.per(cycle)}
              {priced.setup_fee.amount > 0 && `, ${t('setup', { fee: money(priced.setup_fee) })}`}
            </Text>
          )}
          {product && !product.in_stock && <Text c="var(--mantine-color-error)">{t('soldOut')}</Text>}
        </div>
        <RemoveButton what={name} onClick={onRemove} />
      </Group>
      <Group>
        {cycles.length > 1 && (
          <Choice
            label={t('cycle')}
            value={cycleKey(cycle)}
            onChange={change}
            data={cycles.map((each) => ({ value: cycleKey(each), label: words.name(each) }))}
          />
        )}
        <Group gap="xs">
          <Text size="sm" aria-hidden>
            {t('quantity')}
          </Text>
          <Pieces
            label={t('quantityOf', { what: name })}
            value={item.quantity ?? 1}
            least={1}
            most={MOST}
            onChange={(quantity) => onChange({ ...item, quantity })}
          />
        </Group>
      </Group>
    </Card>
  )
}
