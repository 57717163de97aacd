'use client'

import { Button, Card, Group, Skeleton, Stack, Switch, Text, Title } from '@mantine/core'
import dynamic from 'next/dynamic'
import { useFormatter, useTranslations } from 'next-intl'
import { useState } from 'react'
import { DataTable } from '@/components/data-table'
import { Facts } from '@/components/facts'
import { Money } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { Trouble } from '@/components/trouble'
import { When } from '@/components/when'
import { useToday } from '@/features/company'
import { ReasonDialog } from '../dialogs'
import { Deeds } from '../licenses/happenings'
import { useMay } from '../queries'
import type { Deed } from '../reason-dialog'
import { CatalogBadge } from './badges'
import { changeTld, type Tld, useManagedTld, withdrawTld } from './queries'
import { inOrder, placed } from './versions'

const TldDialog = dynamic(() => import('./tld-dialogs').then((found) => found.TldDialog), { ssr: false })
const TldPriceDialog = dynamic(() => import('./tld-dialogs').then((found) => found.TldPriceDialog), { ssr: false })

export function TldPage({ id }: { id: string }) {
  const t = useTranslations('catalog')
  const found = useManagedTld(id)
  const tld = found.data
  return (
    <>
      <PageHeader
        title={tld ? `.${tld.tld}` : t('tlds.title')}
        back={{ href: '/admin/tlds', label: t('tlds.title') }}
        badge={tld && <CatalogBadge state={tld.state} />}
        action={tld && <TldActions tld={tld} />}
      />
      {found.error && <Trouble error={found.error} retry={() => found.refetch()} />}
      {!tld && !found.error && <Skeleton height={400} radius="lg" />}
      {tld && (
        <Stack gap="lg">
          <Card padding="md">
            <Facts
              of={[
                [t('tlds.years'), `${tld.min_years}–${tld.max_years}`],
                [t('plan.position'), String(tld.position)],
              ]}
            />
          </Card>
          <TldPrices tld={tld} />
          <Deeds id={id} />
        </Stack>
      )}
    </>
  )
}

function TldActions({ tld }: { tld: Tld }) {
  const t = useTranslations('catalog')
  const [deed, setDeed] = useState<Deed | null>(null)
  const [changing, setChanging] = useState(false)
  if (!useMay('catalog.manage')) return null
  const sold = tld.state === 'on_sale'
  const name = `.${tld.tld}`
  const turn: Deed = {
    title: t(sold ? 'plan.withdrawTitle' : 'plan.sellTitle', { name }),
    text: t(sold ? 'tld.withdrawText' : 'tld.sellText'),
    submit: t(sold ? 'plan.withdraw' : 'plan.sell'),
    done: t(sold ? 'plan.withdrawn' : 'plan.sold', { name }),
    hint: t('plan.kept'),
    danger: sold,
    run: (reason) => (sold ? withdrawTld(tld, reason) : changeTld(tld, { state: 'on_sale', reason })),
  }
  return (
    <Group gap="xs">
      <Button size="sm" variant="default" onClick={() => setChanging(true)}>
        {t('plan.change')}
      </Button>
      <Button size="sm" variant={sold ? 'default' : 'filled'} onClick={() => setDeed(turn)}>
        {turn.submit}
      </Button>
      {changing && <TldDialog tld={tld} onClose={() => setChanging(false)} />}
      {deed && <ReasonDialog deed={deed} onClose={() => setDeed(null)} />}
    </Group>
  )
}

function TldPrices({ tld }: { tld: Tld }) {
  const t = useTranslations('catalog')
  const format = useFormatter()
  const today = useToday()
  const may = useMay('catalog.manage')
  const [former, setFormer] = useState(false)
  const [open, setOpen] = useState(false)
  const all = inOrder(placed(tld.prices, today))
  const hidden = all.filter((price) => price.standing === 'former').length
  const rows = former ? all : all.filter((price) => price.standing !== 'former')
  return (
    <section aria-labelledby="prices">
      <Group justify="space-between" mb="xs">
        <Title order={2} fz={18} id="prices">
          {t('prices.title')}
        </Title>
        <Group gap="md">
          {hidden > 0 && (
            <Switch
              size="sm"
              label={t('prices.showFormer', { count: hidden })}
              checked={former}
              onChange={(event) => setFormer(event.currentTarget.checked)}
            />
          )}
          {may && (
            <Button size="xs" onClick={() => setOpen(true)}>
              {t('prices.add')}
            </Button>
          )}
        </Group>
      </Group>
      {all.length === 0 ? (
        <Card>
          <Text size="sm" c="dimmed">
            {t('tld.unpriced')}
          </Text>
        </Card>
      ) : (
        <DataTable
          dense
          label={t('prices.title')}
          rows={rows}
          rowKey={(price) => price.id}
          columns={[
            { key: 'operation', title: t('tld.operation'), render: (price) => t(`tlds.${price.operation ?? 'register'}`) },
            { key: 'years', title: t('tlds.years'), number: true, render: (price) => price.years },
            { key: 'price', title: t('prices.price'), number: true, render: (price) => <Money value={price.price} /> },
            { key: 'cost', title: t('prices.cost'), number: true, render: (price) => (price.cost ? <Money value={price.cost} /> : '–') },
            { key: 'margin', title: t('prices.left1'), number: true, render: (price) => (price.margin ? <Money value={price.margin} /> : '–') },
            {
              key: 'part',
              title: t('prices.margin'),
              number: true,
              render: ({ margin_ppm: ppm }) => (ppm === null ? '–' : format.number(ppm / 1e6, { style: 'percent', maximumFractionDigits: 1 })),
            },
            { key: 'version', title: t('prices.version'), number: true, render: (price) => price.version },
            { key: 'from', title: t('prices.from'), render: (price) => <When at={price.valid_from} relative /> },
            { key: 'state', title: t('columns.state'), render: (price) => <CatalogBadge state={price.standing} /> },
          ]}
        />
      )}
      <Text size="sm" c="dimmed" mt="xs">
        {t('tld.years')}
      </Text>
      {open && <TldPriceDialog tld={tld} onClose={() => setOpen(false)} />}
    </section>
  )
}
