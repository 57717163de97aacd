'use client'

import { Button, Card, Group, Stack, Text, Title } from '@mantine/core'
import { IconWorld } from '@tabler/icons-react'
import { useTranslations } from 'next-intl'
import Link from '@/components/link'
import { CurrencySwitch } from '@/features/catalog/currency-switch'
import { useMe } from '@/features/identity'
import { type CartItem, type DomainItem, isComplete, useCart } from '.'
import classes from './cart.module.css'
import { HostingCard } from './hosting-card'
import { type CardProps, RemoveButton, Years } from './item-parts'
import { ProductCard } from './product-card'
import { useQuote } from './quote'
import { Summary } from './summary'

export function FilledCart() {
  const t = useTranslations('cart')
  const { items, replace, remove } = useCart()
  const known = Boolean(useMe().data?.customer_id)
  return (
    <div className={classes.grid}>
      <Stack>
        {items.map((item, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two equal plans may lie in the cart, and nothing is reordered
          <ItemCard key={at} item={item} onChange={(changed) => replace(at, changed)} onRemove={() => remove(at)} />
        ))}
        <Group justify="space-between">
          <Button component={Link} href="/domains" variant="default" leftSection={<IconWorld size={18} aria-hidden />}>
            {t('addDomain')}
          </Button>
          <CurrencySwitch />
        </Group>
      </Stack>
      <Summary items={items} known={known}>
        <ToCheckout items={items} known={known} />
      </Summary>
    </div>
  )
}

function ItemCard({ item, onChange, onRemove }: CardProps<CartItem>) {
  if (item.kind === 'hosting') return <HostingCard item={item} onChange={onChange} onRemove={onRemove} />
  if (item.kind === 'product') return <ProductCard item={item} onChange={onChange} onRemove={onRemove} />
  return <DomainCard item={item} onChange={onChange} onRemove={onRemove} />
}

function DomainCard({ item, onChange, onRemove }: CardProps<DomainItem>) {
  return (
    <Card component="section" aria-label={item.name}>
      <Group justify="space-between" align="flex-start" mb="sm" wrap="nowrap">
        <Title order={2} fz={20} className="np-break">
          {item.name}
        </Title>
        <RemoveButton what={item.name} onClick={onRemove} />
      </Group>
      <Years value={item.years ?? 1} onChange={(years) => onChange({ ...item, years })} />
    </Card>
  )
}

function ToCheckout({ items, known }: { items: CartItem[]; known: boolean }) {
  const t = useTranslations('cart')
  const complete = isComplete(items)
  // The sums push the button down as they come: it is there once it stays where it is.
  const computing = useQuote(items, known && complete).isLoading
  return (
    <>
      {!(complete && known) && (
        <Text size="sm" c="dimmed" my="sm">
          {complete ? t('taxLater') : t('nameMissing')}
        </Text>
      )}
      {complete && !computing ? (
        <Button component={Link} href="/checkout" fullWidth>
          {t('toCheckout')}
        </Button>
      ) : (
        <Button fullWidth disabled={!complete} loading={computing}>
          {t('toCheckout')}
        </Button>
      )}
    </>
  )
}
