'use client'

import { Card, Group, Stack, Text, TextInput, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useCycleWords } from '@/components/cycle-words'
import { Choice } from '@/components/form/choice'
import { Money, useMoney } from '@/components/money'
import { cyclesOf, includesName, priceFor, useDomainCheck, usePlans } from '@/features/catalog'
import { type Cycle, cycleKey } from '@/lib/cycle'
import { type HostingItem, isWholeName } from '.'
import { Extras } from './extras'
import { type CardProps, RemoveButton, Years } from './item-parts'

export function HostingCard({ item, onChange, onRemove }: CardProps<HostingItem>) {
  const t = useTranslations('cart')
  const words = useCycleWords()
  const money = useMoney()
  const plan = usePlans().data?.find((each) => each.code === item.plan)
  const cycle: Cycle = { unit: item.cycle?.unit ?? 'month', count: item.cycle?.count ?? 1 }
  const priced = priceFor(plan, cycle)
  const cycles = plan ? cyclesOf([plan]).filter((each) => each.unit !== 'once') : []
  const name = plan?.name ?? item.plan
  const change = (key: string) => {
    const { unit, count } = cycles.find((each) => cycleKey(each) === key) ?? cycle
    if (unit !== 'once') onChange({ ...item, cycle: { unit, count } })
  }
  return (
    <Card component="section" aria-label={name}>
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <div>
          <Title order={2} fz={20}>
            {t('hosting', { plan: name })}
          </Title>
          {priced && (
            <Text c="dimmed">
              <Money value={priced.price} /> {words.per(cycle)}
              {priced.setup_fee.amount > 0 && `, ${t('setup', { fee: money(priced.setup_fee) })}`}
            </Text>
          )}
          {plan && plan.trial_days > 0 && <Text c="dimmed">{t('trialOffer', { days: plan.trial_days })}</Text>}
          {plan && !plan.in_stock && <Text c="var(--mantine-color-error)">{t('soldOut')}</Text>}
        </div>
        <RemoveButton what={name} onClick={onRemove} />
      </Group>
      <Stack mt="sm">
        {cycles.length > 1 && (
          <Choice
            label={t('cycle')}
            value={cycleKey(cycle)}
            onChange={change}
            data={cycles.map((each) => ({ value: cycleKey(each), label: words.name(each) }))}
          />
        )}
        <DomainChoice item={item} onChange={onChange} />
        {plan && <IncludedNote plan={plan} item={item} cycle={cycle} />}
        {plan && <Extras plan={plan} cycle={cycle} item={item} onChange={onChange} />}
      </Stack>
    </Card>
  )
}

type Plans = NonNullable<ReturnType<typeof usePlans>['data']>

/** Whether the chosen name comes with the plan, or what would make it come. */
function IncludedNote({ plan, item, cycle }: { plan: Plans[number]; item: HostingItem; cycle: Cycle }) {
  const t = useTranslations('cart')
  const words = useCycleWords()
  const { included_domains: included } = plan
  const { kind, name } = item.domain
  if (!included || plan.trial_days > 0 || kind !== 'register') return null
  if (isWholeName(name) && includesName(plan, cycle, name)) return <Text size="sm">{t('included')}</Text>
  const endings = included.tlds.map((tld) => `.${tld}`)
  if (isWholeName(name) && !endings.some((ending) => name.endsWith(ending))) return null
  const least = included.minimum_cycle
  if (!least || includesName(plan, cycle, `x${endings[0]}`)) return null
  return (
    <Text size="sm" c="dimmed">
      {t('includedFrom', { cycle: words.name(least).toLowerCase(), endings: endings.join(', ') })}
    </Text>
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
