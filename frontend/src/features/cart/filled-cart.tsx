'use client'

import { Button, Card, Group, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core'
import { IconTrash, IconWorld } from '@tabler/icons-react'
import { useTranslations } from 'next-intl'
import { Choice } from '@/components/form/choice'
import Link from '@/components/link'
import { Money } from '@/components/money'
import { StatusBadge } from '@/components/status-badge'
import { priceOf, useDomainCheck, useItemPrices, usePlans } from '@/features/catalog'
import { type CartItem, type DomainItem, type HostingItem, isComplete, isWholeName, type Unit, useCart } from '.'
import classes from './cart.module.css'

const YEARS_MAX = 10

export function FilledCart() {
  const t = useTranslations('cart')
  const { items, replace, remove } = useCart()
  return (
    <div className={classes.grid}>
      <Stack>
        {items.map((item, at) =>
          item.kind === 'hosting' ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: two equal plans may lie in the cart, and nothing is reordered
            <HostingCard key={at} item={item} onChange={(changed) => replace(at, changed)} onRemove={() => remove(at)} />
          ) : (
            <DomainCard key={item.name} item={item} onChange={(changed) => replace(at, changed)} onRemove={() => remove(at)} />
          ),
        )}
        <Group>
          <Button component={Link} href="/domains" variant="default" leftSection={<IconWorld size={18} aria-hidden />}>
            {t('addDomain')}
          </Button>
        </Group>
      </Stack>
      <CartSummary items={items} />
    </div>
  )
}

function RemoveButton({ what, onClick }: { what: string; onClick: () => void }) {
  const t = useTranslations('cart')
  return (
    <Button
      variant="subtle"
      color="gray"
      size="compact-sm"
      leftSection={<IconTrash size={16} aria-hidden />}
      onClick={onClick}
      aria-label={t('removeWhat', { what })}
    >
      {t('remove')}
    </Button>
  )
}

interface CardProps<Item> {
  item: Item
  onChange: (item: Item) => void
  onRemove: () => void
}

function HostingCard({ item, onChange, onRemove }: CardProps<HostingItem>) {
  const t = useTranslations('cart')
  const { data: plans } = usePlans()
  const plan = plans?.find((each) => each.code === item.plan)
  const unit = item.cycle?.unit ?? 'month'
  const price = priceOf(plan, unit)
  return (
    <Card component="section" aria-label={plan?.name ?? item.plan}>
      <Group justify="space-between" align="flex-start">
        <div>
          <Title order={2} fz={20}>
            {t('hosting', { plan: plan?.name ?? item.plan })}
          </Title>
          {price && (
            <Text c="dimmed">
              <Money value={price} /> {t(`per.${unit === 'year' ? 'year' : 'month'}`)}
            </Text>
          )}
        </div>
        <RemoveButton what={plan?.name ?? item.plan} onClick={onRemove} />
      </Group>
      <Choice<Unit>
        label={t('cycle')}
        value={unit === 'year' ? 'year' : 'month'}
        onChange={(chosen) => onChange({ ...item, cycle: { unit: chosen, count: 1 } })}
        data={[
          { value: 'month', label: t('monthly') },
          { value: 'year', label: t('yearly') },
        ]}
      />
      <DomainChoice item={item} onChange={onChange} />
    </Card>
  )
}

function DomainChoice({ item, onChange }: Omit<CardProps<HostingItem>, 'onRemove'>) {
  const t = useTranslations('cart')
  const { domain } = item
  const change = (part: Partial<HostingItem['domain']>) => onChange({ ...item, domain: { ...domain, ...part } })
  return (
    <Stack gap="sm">
      <Text fw={600}>{t('domainFor')}</Text>
      <Choice<'register' | 'own'>
        label={t('domainFor')}
        value={domain.kind}
        onChange={(kind) => change({ kind })}
        data={[
          { value: 'register', label: t('newDomain') },
          { value: 'own', label: t('ownDomain') },
        ]}
      />
      <TextInput
        label={domain.kind === 'register' ? t('newName') : t('ownName')}
        description={domain.kind === 'own' ? t('ownHelp') : undefined}
        placeholder="example.com"
        value={domain.name}
        onChange={(event) => change({ name: event.currentTarget.value.trim().toLowerCase() })}
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
      />
      {domain.kind === 'register' && <Availability name={domain.name} />}
      {domain.kind === 'register' && isWholeName(domain.name) && <Years value={domain.years ?? 1} onChange={(years) => change({ years })} />}
    </Stack>
  )
}

function Availability({ name }: { name: string }) {
  const t = useTranslations('cart')
  const whole = isWholeName(name)
  const check = useDomainCheck(whole ? [name] : [])
  const found = whole ? check.data?.find((each) => each.unicode === name || each.name === name) : undefined
  if (!whole) return null
  return (
    <Text size="sm" aria-live="polite" c={found && found.status !== 'available' ? 'var(--mantine-color-error)' : 'dimmed'}>
      {found ? t(`availability.${found.status}`, { name }) : check.error ? check.error.message : t('checking', { name })}
    </Text>
  )
}

function Years({ value, onChange }: { value: number; onChange: (years: number) => void }) {
  const t = useTranslations('cart')
  return (
    <NativeSelect
      size="md"
      w={140}
      label={t('years')}
      value={String(value)}
      onChange={(event) => onChange(Number(event.currentTarget.value))}
      data={Array.from({ length: YEARS_MAX }, (_, at) => String(at + 1))}
    />
  )
}

function DomainCard({ item, onChange, onRemove }: CardProps<DomainItem>) {
  return (
    <Card component="section" aria-label={item.name}>
      <Group justify="space-between" align="flex-start" mb="sm">
        <Title order={2} fz={20} className="np-break">
          {item.name}
        </Title>
        <RemoveButton what={item.name} onClick={onRemove} />
      </Group>
      <Years value={item.years ?? 1} onChange={(years) => onChange({ ...item, years })} />
    </Card>
  )
}

function CartSummary({ items }: { items: CartItem[] }) {
  const t = useTranslations('cart')
  const lines = useItemPrices(items)
  const currency = lines.find((line) => line.price)?.price?.currency
  const amount = lines.reduce((sum, line) => sum + (line.price?.amount ?? 0), 0)
  const complete = isComplete(items)
  return (
    <Card className={classes.side} component="aside" aria-label={t('summary')}>
      <Title order={2} fz={18} mb="xs">
        {t('summary')}
      </Title>
      {lines.map((line) => (
        <div key={line.id} className={classes.line}>
          <span className="np-break">{line.text}</span>
          {line.price ? <Money value={line.price} /> : <StatusBadge state="unknown" />}
        </div>
      ))}
      {currency && (
        <div className={classes.total}>
          <span>{t('net')}</span>
          <Money value={{ amount, currency }} />
        </div>
      )}
      <Text size="sm" c="dimmed" my="sm">
        {complete ? t('taxLater') : t('nameMissing')}
      </Text>
      {complete ? (
        <Button component={Link} href="/checkout" fullWidth>
          {t('toCheckout')}
        </Button>
      ) : (
        <Button fullWidth disabled>
          {t('toCheckout')}
        </Button>
      )}
    </Card>
  )
}
