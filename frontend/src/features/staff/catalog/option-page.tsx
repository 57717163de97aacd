'use client'

import { Button, Card, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import dynamic from 'next/dynamic'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { CopyText } from '@/components/copy-text'
import { DataTable } from '@/components/data-table'
import { Facts } from '@/components/facts'
import Link from '@/components/link'
import { Money } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { Trouble } from '@/components/trouble'
import { When } from '@/components/when'
import { useToday } from '@/features/company'
import { ReasonDialog } from '../dialogs'
import { Deeds } from '../licenses/happenings'
import { SideLink } from '../parts'
import { useMay } from '../queries'
import type { Deed } from '../reason-dialog'
import { CatalogBadge } from './badges'
import { changeOption, type Option, useManagedOption, useManagedPlans, useOptionPrices, withdrawOption } from './queries'
import { inOrder, placed } from './versions'
import { useCycleWord, useThing } from './words'

const OptionPriceDialog = dynamic(() => import('./option-price-dialog').then((found) => found.OptionPriceDialog), { ssr: false })

export function OptionPage({ id }: { id: string }) {
  const t = useTranslations('catalog')
  const found = useManagedOption(id)
  const option = found.data
  return (
    <>
      <PageHeader
        title={option?.name ?? t('options.title')}
        back={{ href: '/admin/options', label: t('options.title') }}
        badge={option && <CatalogBadge state={option.state} />}
        text={option && t(`option.${option.kind}`)}
        action={option && <OptionActions option={option} />}
      />
      {found.error && <Trouble error={found.error} retry={() => found.refetch()} />}
      {!option && !found.error && <Skeleton height={400} radius="lg" />}
      {option && (
        <Stack gap="lg">
          <AboutOption option={option} />
          <Values option={option} />
          <OptionPrices option={option} />
          <Deeds id={id} />
        </Stack>
      )}
    </>
  )
}

function OptionActions({ option }: { option: Option }) {
  const t = useTranslations('catalog.plan')
  const own = useTranslations('catalog.option')
  const [deed, setDeed] = useState<Deed | null>(null)
  if (!useMay('catalog.manage')) return null
  const sold = option.state === 'on_sale'
  const turn: Deed = {
    title: t(sold ? 'withdrawTitle' : 'sellTitle', { name: option.name }),
    text: sold ? own('withdrawText') : own('sellText'),
    submit: t(sold ? 'withdraw' : 'sell'),
    done: t(sold ? 'withdrawn' : 'sold', { name: option.name }),
    hint: t('kept'),
    danger: sold,
    run: (reason) => (sold ? withdrawOption(option, reason) : changeOption(option, { state: 'on_sale', reason })),
  }
  return (
    <Group gap="xs">
      <Button component={Link} href={`/admin/options/${option.id}/edit`} size="sm" variant="default">
        {t('change')}
      </Button>
      <Button size="sm" variant={sold ? 'default' : 'filled'} onClick={() => setDeed(turn)}>
        {t(sold ? 'withdraw' : 'sell')}
      </Button>
      {deed && <ReasonDialog deed={deed} onClose={() => setDeed(null)} />}
    </Group>
  )
}

function AboutOption({ option }: { option: Option }) {
  const t = useTranslations('catalog')
  const plans = useManagedPlans().data?.filter((plan) => plan.options.includes(option.code))
  return (
    <Card padding="md">
      <Facts
        of={[
          [t('plan.code'), <CopyText key="code" value={option.code} what={t('plan.code')} />],
          [t('plan.description'), option.description],
          [t('columns.required'), t(option.required ? 'yes' : 'no')],
          [t('columns.pieces'), option.kind === 'quantity' ? `${option.minimum}–${option.maximum}` : null],
          [
            t('option.plans'),
            plans && plans.length > 0
              ? plans.map((plan) => (
                  <div key={plan.id}>
                    <SideLink href={`/admin/plans/${plan.id}`}>{plan.name}</SideLink>
                  </div>
                ))
              : t('option.noPlan'),
          ],
        ]}
      />
    </Card>
  )
}

function Values({ option }: { option: Option }) {
  const t = useTranslations('catalog')
  const thing = useThing()
  const cycle = useCycleWord()
  const adds = (value: Option['values'][number]) =>
    [...Object.entries(value.limits).map(([name, limit]) => `+${limit ?? '∞'} ${thing(name)}`), ...value.features.map(thing)].join(', ')
  return (
    <section aria-labelledby="values">
      <Title order={2} fz={18} mb="xs" id="values">
        {t('option.values')}
      </Title>
      <DataTable
        dense
        label={t('option.values')}
        rows={option.values}
        rowKey={(value) => value.code}
        columns={[
          { key: 'name', title: t('columns.name'), render: (value) => value.name },
          { key: 'code', title: t('columns.code'), render: (value) => <code className="np-code">{value.code}</code> },
          { key: 'state', title: t('columns.state'), render: (value) => <CatalogBadge state={value.state} /> },
          { key: 'adds', title: t('option.adds'), render: (value) => adds(value) || '–' },
          {
            key: 'prices',
            title: t('option.now'),
            render: (value) =>
              value.prices.length === 0
                ? t('preview.noPrice')
                : value.prices.map((price) => (
                    <div key={`${price.cycle.unit}${price.cycle.count}${price.price.currency}`}>
                      <Money value={price.price} /> <span className="np-aside">{t('preview.per', { cycle: cycle(price.cycle) })}</span>
                    </div>
                  )),
          },
        ]}
      />
    </section>
  )
}

function OptionPrices({ option }: { option: Option }) {
  const t = useTranslations('catalog.prices')
  const cycle = useCycleWord()
  const may = useMay('catalog.manage')
  const [open, setOpen] = useState(false)
  const today = useToday()
  const found = useOptionPrices(option.id)
  const nameOf = (code: string | null) => option.values.find((value) => value.code === code)?.name ?? code ?? ''
  return (
    <section aria-labelledby="versions">
      <Group justify="space-between" mb="xs">
        <Title order={2} fz={18} id="versions">
          {t('title')}
        </Title>
        {may && (
          <Button size="xs" onClick={() => setOpen(true)}>
            {t('add')}
          </Button>
        )}
      </Group>
      {found.error && <Trouble error={found.error} retry={() => found.refetch()} />}
      {found.data?.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('noneOption')}
        </Text>
      )}
      {found.data?.length !== 0 && !found.error && (
        <DataTable
          dense
          label={t('title')}
          rows={found.data && inOrder(placed(found.data, today))}
          rowKey={(price) => price.id}
          columns={[
            { key: 'value', title: t('value'), render: (price) => nameOf(price.value) },
            { key: 'cycle', title: t('cycle'), render: (price) => price.cycle && cycle(price.cycle) },
            { key: 'price', title: t('price'), number: true, render: (price) => <Money value={price.price} /> },
            { key: 'version', title: t('version'), number: true, render: (price) => price.version },
            { key: 'from', title: t('from'), render: (price) => <When at={price.valid_from} relative /> },
            { key: 'state', title: t('state'), render: (price) => <CatalogBadge state={price.standing} /> },
          ]}
        />
      )}
      {open && <OptionPriceDialog option={option} onClose={() => setOpen(false)} />}
    </section>
  )
}
