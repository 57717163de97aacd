'use client'

import { Button, Card, Group, Switch, Text, Title } from '@mantine/core'
import dynamic from 'next/dynamic'
import { useFormatter, useTranslations } from 'next-intl'
import { useState } from 'react'
import { DataTable } from '@/components/data-table'
import { Money } from '@/components/money'
import { When } from '@/components/when'
import { useToday } from '@/features/company'
import { useMay } from '../queries'
import { CatalogBadge } from './badges'
import classes from './catalog.module.css'
import { type PriceVersion, useImpact, type WholePlan } from './queries'
import { inOrder, olderPayers, payersOf, placed } from './versions'
import { useCycleWord } from './words'

const RiseDialog = dynamic(() => import('../subscriptions/rise-dialog').then((found) => found.RiseDialog), { ssr: false })
const PriceDialog = dynamic(() => import('./price-dialog').then((found) => found.PriceDialog), { ssr: false })

/** Every version of every price, and how many pay by it. */
export function PlanPrices({ plan }: { plan: WholePlan }) {
  const t = useTranslations('catalog.prices')
  const rise = useTranslations('upkeep.rise')
  const cycle = useCycleWord()
  const day = useToday()
  const may = useMay('catalog.manage')
  const impact = useImpact(plan.id).data
  const [former, setFormer] = useState(false)
  const mayMove = useMay('subscriptions.manage')
  const [open, setOpen] = useState<{ after?: PriceVersion } | null>(null)
  const [rising, setRising] = useState<PriceVersion | null>(null)
  const all = inOrder(placed(plan.prices, day))
  const hidden = all.filter((price) => price.standing === 'former').length
  const rows = former ? all : all.filter((price) => price.standing !== 'former')
  return (
    <section aria-labelledby="prices">
      <Group justify="space-between" mb="xs">
        <Title order={2} fz={18} id="prices">
          {t('title')}
        </Title>
        <Group gap="md">
          {hidden > 0 && (
            <Switch
              size="sm"
              label={t('showFormer', { count: hidden })}
              checked={former}
              onChange={(event) => setFormer(event.currentTarget.checked)}
            />
          )}
          {may && (
            <Button size="xs" onClick={() => setOpen({})}>
              {t('add')}
            </Button>
          )}
        </Group>
      </Group>
      {all.length === 0 ? (
        <Card>
          <Text size="sm" c="dimmed">
            {t('none')}
          </Text>
        </Card>
      ) : (
        <DataTable
          dense
          label={t('title')}
          rows={rows}
          rowKey={(price) => price.id}
          columns={[
            { key: 'cycle', title: t('cycle'), render: (price) => <span className={classes.whole}>{price.cycle && cycle(price.cycle)}</span> },
            { key: 'price', title: t('price'), number: true, render: (price) => <WithSetup price={price} /> },
            { key: 'cost', title: t('cost'), number: true, render: (price) => <WithMargin price={price} /> },
            { key: 'version', title: t('version'), number: true, render: (price) => price.version },
            { key: 'from', title: t('from'), render: (price) => <When at={price.valid_from} relative /> },
            { key: 'payers', title: t('payers'), number: true, render: (price) => (impact ? payersOf(impact, price) : '…') },
            { key: 'state', title: t('state'), render: (price) => <CatalogBadge state={price.standing} /> },
            ...(may || mayMove
              ? [
                  {
                    key: 'do',
                    title: t('do'),
                    render: (price: (typeof rows)[number]) => (
                      <Group gap={4} wrap="nowrap">
                        {may && <Again price={price} onOpen={() => setOpen({ after: price })} />}
                        {mayMove && price.standing === 'in_force' && impact && olderPayers(impact, price) > 0 && (
                          <Button size="compact-xs" variant="light" onClick={() => setRising(price)}>
                            {rise('open')}
                          </Button>
                        )}
                      </Group>
                    ),
                  },
                ]
              : []),
          ]}
        />
      )}
      <Text size="sm" c="dimmed" mt="xs">
        {t('net')} {impact && impact.subscriptions > 0 ? t('subscriptions', { count: impact.subscriptions }) : ''}
      </Text>
      {rising && <RiseDialog plan={plan} price={rising} onClose={() => setRising(null)} />}
      {open && <PriceDialog plan={plan} after={open.after} onClose={() => setOpen(null)} />}
    </section>
  )
}

function WithSetup({ price }: { price: PriceVersion }) {
  const t = useTranslations('catalog.prices')
  return (
    <>
      <Money value={price.price} />
      {price.setup_fee && price.setup_fee.amount > 0 && (
        <div className="np-aside">
          + <Money value={price.setup_fee} /> {t('setupOnce')}
        </div>
      )}
    </>
  )
}

function WithMargin({ price: { cost, margin_ppm: ppm } }: { price: PriceVersion }) {
  const t = useTranslations('catalog.prices')
  const format = useFormatter()
  if (!cost) return '–'
  return (
    <>
      <Money value={cost} />
      {ppm !== null && (
        <div className="np-aside">{t('marginOf', { part: format.number(ppm / 1e6, { style: 'percent', maximumFractionDigits: 1 }) })}</div>
      )}
    </>
  )
}

function Again({ price, onOpen }: { price: PriceVersion; onOpen: () => void }) {
  const t = useTranslations('catalog.prices')
  const cycle = useCycleWord()
  const label = t('againOf', { cycle: price.cycle ? cycle(price.cycle) : '', currency: price.price.currency, version: price.version })
  return (
    <Button size="compact-xs" variant="default" onClick={onOpen} aria-label={label}>
      {t('again')}
    </Button>
  )
}
