'use client'

import { Anchor, Button, Card, Group, Skeleton, Stack, Text } from '@mantine/core'
import { useSearchParams } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { CopyText } from '@/components/copy-text'
import { useCycleWords } from '@/components/cycle-words'
import { Facts } from '@/components/facts'
import Link from '@/components/link'
import { Money } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { ProblemAlert } from '@/components/problem-alert'
import { When } from '@/components/when'
import { CardName, useMethods } from '@/features/methods'
import type { Cycle } from '@/lib/cycle'
import { lastDay } from '@/lib/day'
import { CancelDialog } from './cancel-dialog'
import { CouponLeft } from './coupon-left'
import { History } from './history'
import { Notices } from './notices'
import { InvoicesOf, Items } from './parts'
import { PauseDialog } from './pause-dialog'
import { type Change, type Detail, useChanges, useSubscription } from './queries'
import { isOver, nextCharge, openChanges } from './standing'
import { SubscriptionBadge } from './subscription-badge'

export function SubscriptionPage({ id }: { id: string }) {
  const t = useTranslations('subscriptions')
  const back = { href: '/subscriptions', label: t('list.title') }
  // Whoever comes back from the payment page may be faster than the news of the payment.
  const paid = useSearchParams().has('paid')
  const [settled, setSettled] = useState(!paid)
  const changes = useChanges(id, !settled)
  const { data: detail, error, refetch } = useSubscription(id, !settled)
  const waits = openChanges(changes.data).asked?.state === 'waiting_payment'
  if (!settled && changes.data && !waits) setSettled(true)
  if (!detail)
    return (
      <>
        <PageHeader title={t('untitled')} back={back} />
        {error ? <ProblemAlert error={error} retry={() => refetch()} /> : <Skeleton height={320} radius="lg" />}
      </>
    )
  return (
    <>
      <PageHeader
        title={detail.plan_name}
        badge={<SubscriptionBadge of={detail} />}
        back={back}
        text={[detail.domain, t.has(`states.${detail.status}`) ? t(`states.${detail.status}`) : ''].filter(Boolean).join(' · ')}
        action={<Actions detail={detail} changes={changes.data} />}
      />
      <Stack gap="lg">
        <Notices detail={detail} changes={changes.data} paid={paid && waits} />
        <Next detail={detail} changes={changes.data} />
        <Items detail={detail} />
        <InvoicesOf detail={detail} to="/invoices" />
        <History id={id} currency={detail.price.currency} />
      </Stack>
    </>
  )
}

function Actions({ detail, changes }: { detail: Detail; changes: Change[] | undefined }) {
  const t = useTranslations('subscriptions')
  const [open, setOpen] = useState<'cancel' | 'pause' | null>(null)
  const changeable = ['trialing', 'active'].includes(detail.status) && !detail.cancel_on && changes && !openChanges(changes).asked
  const living = ['trialing', 'active', 'past_due', 'suspended', 'paused'].includes(detail.status)
  return (
    <Group gap="xs">
      {changeable && (
        <Button component={Link} href={`/subscriptions/${detail.id}/change`} size="sm">
          {t('change.open')}
        </Button>
      )}
      {detail.pause_days_max > 0 && ['trialing', 'active'].includes(detail.status) && !detail.cancel_on && (
        <Button variant="default" size="sm" onClick={() => setOpen('pause')}>
          {t('pause.open')}
        </Button>
      )}
      {living && !detail.cancel_on && (
        <Button variant="default" size="sm" onClick={() => setOpen('cancel')}>
          {t('cancel.open')}
        </Button>
      )}
      {open === 'cancel' && <CancelDialog detail={detail} onClose={() => setOpen(null)} />}
      {open === 'pause' && <PauseDialog detail={detail} onClose={() => setOpen(null)} />}
    </Group>
  )
}

/** When how much is asked for next, by which card; and what it is. */
function Next({ detail, changes }: { detail: Detail; changes: Change[] | undefined }) {
  const t = useTranslations('subscriptions.facts')
  const cycles = useCycleWords()
  const next = nextCharge(detail, changes)
  const { current_period_start: start, current_period_end: end } = detail
  return (
    <Card component="section" aria-label={t('title')}>
      <Facts
        of={[
          [
            t('price'),
            <span key="p">
              <Money value={detail.price} /> {cycles.per(detail.cycle as Cycle)} <span className="np-aside">{t('net')}</span>
            </span>,
          ],
          [
            t('next'),
            next && (
              <span key="n">
                <Money value={next.amount} /> <span className="np-aside">{t('net')}</span>
                <div className="np-aside">
                  {t.rich('nextOn', { bill: () => <When key="b" at={next.on} relative />, from: () => <When key="f" at={next.from} /> })}
                </div>
              </span>
            ),
          ],
          [t('by'), !isOver(detail) && <PaidBy key="b" detail={detail} />],
          [
            t('period'),
            start && end && !isOver(detail) && (
              <span key="e">
                <When at={start} /> – <When at={lastDay(end)} />
              </span>
            ),
          ],
          [t('trial'), detail.status === 'trialing' && detail.trial_ends_on && <When key="t" at={detail.trial_ends_on} relative />],
          [t('coupon'), detail.coupon && <CouponLeft key="c" detail={detail} />],
          [t('ended'), detail.ended_at && <When key="x" at={detail.ended_at} />],
          [
            t('belongs'),
            detail.license_id && (
              <Anchor key="l" component={Link} href={`/licenses/${detail.license_id}`} fz="inherit">
                {t('toLicense')}
              </Anchor>
            ),
          ],
          [t('id'), <CopyText key="i" value={detail.id} shown={`…${detail.id.slice(-12)}`} what={t('id')} />],
        ]}
      />
    </Card>
  )
}

function PaidBy({ detail }: { detail: Detail }) {
  const t = useTranslations('subscriptions.facts')
  const methods = useMethods()
  const card = methods.data?.find((each) => each.is_default)
  if (detail.collection !== 'charge' || (methods.data && !card))
    return (
      <>
        {t('byInvoice')}{' '}
        <Anchor component={Link} href="/payment-methods" fz="inherit" underline="always">
          {t('saveCard')}
        </Anchor>
      </>
    )
  if (!card) return <Text span>…</Text>
  return (
    <Anchor component={Link} href="/payment-methods" fz="inherit">
      <CardName card={card} />
    </Anchor>
  )
}
