'use client'

import { Alert, Group, NativeSelect, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { asProblem, type Schemas } from '@/api/client'
import { Choice } from '@/components/form/choice'
import { Money } from '@/components/money'
import { Trouble } from '@/components/trouble'
import { cyclesOf, PlanCard } from '@/features/catalog'
import { useCompany, useToday } from '@/features/company'
import classes from './catalog.module.css'
import { usePreview, type WholePlan } from './queries'
import { compareCycles, cycleKey } from './versions'
import { useCycleWord, useThing } from './words'

type Shown = Schemas['PlanBody']

/** The shop's own card, for a day and a currency: of drafts too, and with prices that come later. */
export function PlanPreview({ plan }: { plan: WholePlan }) {
  const t = useTranslations('catalog.preview')
  const company = useCompany()
  const today = useToday()
  const known = [...new Set([company.currency, ...plan.prices.map((price) => price.price.currency)])]
  const [on, setOn] = useState(today)
  const [currency, setCurrency] = useState(company.currency)
  const found = usePreview(plan.id, on, currency)
  const unsold = found.error && asProblem(found.error).status < 500
  return (
    <section aria-labelledby="preview">
      <Group justify="space-between" mb="xs" align="flex-end">
        <div>
          <Title order={2} fz={18} id="preview">
            {t('title')}
          </Title>
          <Text size="sm" c="dimmed">
            {t(plan.state === 'on_sale' ? 'onSale' : 'notYet')}
          </Text>
        </div>
        <Group gap="xs">
          <TextInput size="sm" type="date" aria-label={t('day')} value={on} onChange={(event) => setOn(event.currentTarget.value || today)} />
          <NativeSelect
            size="sm"
            aria-label={t('currency')}
            value={currency}
            data={known}
            onChange={(event) => setCurrency(event.currentTarget.value)}
          />
        </Group>
      </Group>
      {unsold && (
        <Alert color="orange" title={t('unsold', { currency })}>
          {asProblem(found.error).detail || t('unsoldText')}
        </Alert>
      )}
      {found.error && !unsold && <Trouble error={found.error} retry={() => found.refetch()} />}
      {!found.data && !found.error && <Skeleton height={320} radius="lg" />}
      {found.data && !found.error && <Stage plan={found.data} currency={currency} />}
    </section>
  )
}

function Stage({ plan, currency }: { plan: Shown; currency: string }) {
  const t = useTranslations('catalog.preview')
  const word = useCycleWord()
  const cycles = cyclesOf([plan])
  const [key, setKey] = useState('')
  const cycle = cycles.find((each) => cycleKey(each) === key) ?? cycles[0]
  if (!cycle)
    return (
      <Alert color="orange" title={t('unsold', { currency })}>
        {t('unsoldText')}
      </Alert>
    )
  return (
    <div className={classes.stage}>
      {!plan.in_stock && <Alert color="orange" title={t('soldOut')} />}
      {plan.kind === 'hosting' && (
        <>
          <Choice
            label={t('cycle')}
            value={cycleKey(cycle)}
            onChange={setKey}
            data={cycles.map((each) => ({ value: cycleKey(each), label: word(each) }))}
          />
          <div className={classes.offer}>
            <PlanCard plan={plan} cycle={cycle} level={3} shown />
          </div>
        </>
      )}
      {plan.kind !== 'hosting' && (
        <div>
          <Text fw={600} fz="lg">
            {plan.name}
          </Text>
          <Text c="dimmed">{plan.tagline}</Text>
        </div>
      )}
      <Prices prices={plan.prices} />
      <Terms plan={plan} />
      <Extras plan={plan} />
    </div>
  )
}

function Prices({ prices }: { prices: Shown['prices'] }) {
  const t = useTranslations('catalog.preview')
  const cycle = useCycleWord()
  return (
    <Stack gap={6}>
      <Text fw={600}>{t('prices')}</Text>
      <ul className={classes.extras}>
        {[...prices]
          .sort((one, other) => compareCycles(one.cycle, other.cycle))
          .map((price) => (
            <li key={cycleKey(price.cycle)}>
              <span>{t('for', { cycle: cycle(price.cycle) })}</span>
              <span>
                <Money value={price.price} />
                {price.setup_fee.amount > 0 && (
                  <span className="np-aside">
                    {' '}
                    + <Money value={price.setup_fee} /> {t('setup')}
                  </span>
                )}
              </span>
            </li>
          ))}
      </ul>
    </Stack>
  )
}

/** What the card does not say yet and the order does. */
function Terms({ plan }: { plan: Shown }) {
  const t = useTranslations('catalog')
  const cycle = useCycleWord()
  const included = plan.included_domains
  if (!included && plan.trial_days === 0) return null
  const from = included?.minimum_cycle ? `, ${t('included.from', { cycle: cycle(included.minimum_cycle) })}` : ''
  return (
    <Stack gap={4}>
      {plan.trial_days > 0 && <Text size="sm">{t('preview.trial', { count: plan.trial_days })}</Text>}
      {included && (
        <Text size="sm">
          {t('included.told', { count: included.count, tlds: included.tlds.map((tld) => `.${tld}`).join(', ') })},{' '}
          {t(`included.${included.lasts ?? 'first_year'}`)}
          {from}
        </Text>
      )}
    </Stack>
  )
}

type Priced = { cycle: Schemas['CycleBody']; price: Schemas['MoneyBody'] }

/** What can be chosen beside it. */
function Extras({ plan }: { plan: Shown }) {
  const t = useTranslations('catalog.preview')
  const thing = useThing()
  if (plan.addons.length + plan.options.length === 0) return null
  return (
    <Stack gap={6}>
      <Text fw={600}>{t('beside')}</Text>
      <ul className={classes.extras}>
        {plan.addons.map((addon) => (
          <li key={addon.code}>
            <span>
              {addon.name}
              {!addon.in_stock && ` (${t('soldOut')})`}
            </span>
            <PriceList prices={addon.prices} />
          </li>
        ))}
        {plan.options.flatMap((option) =>
          option.values.map((value) => (
            <li key={`${option.code}/${value.code}`}>
              <span>
                {option.name}
                {option.kind === 'choice' ? `: ${value.name}` : ` (${option.minimum}–${option.maximum})`}
                <span className="np-aside">
                  {' '}
                  {Object.entries(value.limits)
                    .map(([name, limit]) => `+${limit ?? '∞'} ${thing(name)}`)
                    .join(', ')}
                </span>
              </span>
              <PriceList prices={value.prices} />
            </li>
          )),
        )}
      </ul>
    </Stack>
  )
}

function PriceList({ prices }: { prices: readonly Priced[] }) {
  const t = useTranslations('catalog.preview')
  const cycle = useCycleWord()
  if (prices.length === 0) return <span className="np-aside">{t('noPrice')}</span>
  return (
    <span>
      {[...prices]
        .sort((one, other) => compareCycles(one.cycle, other.cycle))
        .map((each, at) => (
          <span key={cycleKey(each.cycle)}>
            {at > 0 && ' · '}
            <Money value={each.price} /> <span className="np-aside">{t('per', { cycle: cycle(each.cycle) })}</span>
          </span>
        ))}
    </span>
  )
}
