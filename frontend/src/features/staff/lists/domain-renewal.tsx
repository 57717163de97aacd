'use client'

import { Button, Card, Group, Skeleton, Title } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { api, type Schemas, take } from '@/api/client'
import { Facts } from '@/components/facts'
import { Money } from '@/components/money'
import { Trouble } from '@/components/trouble'
import { When } from '@/components/when'
import { ReasonDialog } from '../dialogs'
import { SideLink } from '../parts'
import { useMay } from '../queries'
import type { Deed } from '../reason-dialog'
import { useWords } from '../words'

type Renewal = Schemas['StaffRenewalBody']
const path = (id: string) => ({ path: { domain_id: id } })

/** How far the renewal is, and what staff can do about it. */
export function DomainRenewal({ id }: { id: string }) {
  const t = useTranslations('staff.renewal')
  const found = useQuery<Renewal>({
    queryKey: ['staff', 'domain', id, 'renewal'],
    queryFn: () => take(api.GET('/api/v1/admin/domains/{domain_id}/renewal', { params: path(id) })),
  })
  const renewal = found.data
  return (
    <Card component="section" aria-labelledby="renewal">
      <Group justify="space-between" mb="xs">
        <Title order={2} fz={16} id="renewal">
          {t('title')}
        </Title>
        {renewal && <Deeds renewal={renewal} />}
      </Group>
      {found.error && <Trouble error={found.error} retry={() => found.refetch()} />}
      {!renewal && !found.error && <Skeleton height={120} />}
      {renewal && <Standing of={renewal} />}
    </Card>
  )
}

function Standing({ of }: { of: Renewal }) {
  const t = useTranslations('staff.renewal')
  const cause = useWords('reason')
  const { next, last } = of
  return (
    <Facts
      of={[
        [t('auto'), of.auto_renew ? t('on') : t('off')],
        [t('apart'), of.separate_invoice && t('yes')],
        [t('next'), next && <When key="n" at={next.from_on} relative />],
        [t('invoiced'), next && <When key="i" at={next.invoiced_on} />],
        [t('price'), next && (next.included ? t('included') : next.price && <Money key="p" value={next.price} />)],
        [t('last'), last && (t.has(`states.${last.status}`) ? t(`states.${last.status}`) : last.status)],
        [t('reason'), cause(of.reason)],
        [t('paidAt'), of.paid_at && <When key="a" at={of.paid_at} time />],
        [
          t('invoice'),
          last?.invoice_id && (
            <SideLink key="v" href={`/admin/invoices/${last.invoice_id}`}>
              {last.invoice_number}
            </SideLink>
          ),
        ],
      ]}
    />
  )
}

function Deeds({ renewal }: { renewal: Renewal }) {
  const t = useTranslations('staff.renewal')
  const client = useQueryClient()
  const [open, setOpen] = useState<'retry' | 'giveUp' | null>(null)
  const status = renewal.last?.status ?? ''
  if (!useMay('domains.manage') || !['held', 'parked'].includes(status)) return null
  const id = renewal.domain_id
  const after = async (answer: Renewal) => client.setQueryData(['staff', 'domain', id, 'renewal'], answer)
  const deeds: Record<'retry' | 'giveUp', Deed> = {
    retry: {
      title: t('retry.title'),
      text: t(status === 'held' ? 'retry.held' : 'retry.parked'),
      submit: t('retry.submit'),
      done: t('retry.done'),
      plain: true,
      run: () => take(api.POST('/api/v1/admin/domains/{domain_id}/renewal/retry', { params: path(id) })).then(after),
    },
    giveUp: {
      title: t('giveUp.title'),
      text: t('giveUp.text'),
      submit: t('giveUp.submit'),
      done: t('giveUp.done'),
      danger: true,
      run: (reason) => take(api.POST('/api/v1/admin/domains/{domain_id}/renewal/give-up', { params: path(id), body: { reason } })).then(after),
    },
  }
  return (
    <Group gap="xs">
      <Button size="sm" onClick={() => setOpen('retry')}>
        {t('retry.open')}
      </Button>
      {status === 'parked' && (
        <Button size="sm" variant="default" onClick={() => setOpen('giveUp')}>
          {t('giveUp.open')}
        </Button>
      )}
      {open && <ReasonDialog deed={deeds[open]} onClose={() => setOpen(null)} />}
    </Group>
  )
}
