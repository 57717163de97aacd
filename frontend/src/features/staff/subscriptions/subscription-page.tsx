'use client'

import { Card, Skeleton, Stack } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { CopyText } from '@/components/copy-text'
import { useCycleWords } from '@/components/cycle-words'
import { Facts } from '@/components/facts'
import { Money } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { Trouble } from '@/components/trouble'
import { When } from '@/components/when'
import {
  CouponLeft,
  History,
  InvoicesOf,
  Items,
  nextCharge,
  openChanges,
  SubscriptionBadge,
  useChanges,
  useSubscription,
} from '@/features/subscriptions'
import type { Cycle } from '@/lib/cycle'
import { useManagedPlans } from '../catalog/queries'
import { ActorName } from '../lists/audit-list'
import { useNames } from '../names'
import classes from '../orders/orders.module.css'
import { SideLink, toCustomer, toLicense } from '../parts'
import { CardsOnFile } from './cards'
import { SubscriptionDeeds } from './deeds'
import type { Detail } from './queries'
import { Standing } from './standing'

export function StaffSubscriptionPage({ id }: { id: string }) {
  const t = useTranslations('staff.titles')
  const found = useSubscription(id)
  const changes = useChanges(id).data
  const detail = found.data
  return (
    <>
      <PageHeader
        title={detail?.plan_name ?? t('subscription')}
        back={{ href: '/admin/subscriptions', label: t('subscriptions') }}
        badge={detail && <SubscriptionBadge of={detail} />}
        text={detail && <Whose detail={detail} />}
        action={detail && <SubscriptionDeeds detail={detail} waits={Boolean(openChanges(changes).asked)} />}
      />
      {found.error && <Trouble error={found.error} retry={() => found.refetch()} />}
      {!detail && !found.error && <Skeleton height={320} radius="lg" />}
      {detail && (
        <div className={classes.columns}>
          <Stack gap="lg">
            <Standing detail={detail} changes={changes} />
            <Items detail={detail} versions />
            <InvoicesOf detail={detail} to="/admin/invoices" />
            <History id={id} currency={detail.price.currency} actor={(actor) => <ActorName actor={actor} />} />
          </Stack>
          <div className={classes.side}>
            <Stack gap="lg">
              <About detail={detail} next={nextCharge(detail, changes)} />
              <CardsOnFile customer={detail.customer_id} />
            </Stack>
          </div>
        </div>
      )}
    </>
  )
}

function Whose({ detail }: { detail: Detail }) {
  const name = useNames([detail.customer_id]).get(detail.customer_id)
  return (
    <>
      <SideLink href={toCustomer(detail.customer_id)}>{name ?? `…${detail.customer_id.slice(-12)}`}</SideLink>
      {detail.domain && ` · ${detail.domain}`}
    </>
  )
}

function About({ detail, next }: { detail: Detail; next: ReturnType<typeof nextCharge> }) {
  const t = useTranslations('upkeep.about')
  const ways = useTranslations('upkeep.list.way')
  const facts = useTranslations('subscriptions.facts')
  const cycles = useCycleWords()
  const plan = useManagedPlans().data?.find((each) => each.code === detail.plan_code)
  return (
    <Card component="section" aria-label={t('title')}>
      <Facts
        of={[
          [
            facts('price'),
            <span key="p">
              <Money value={detail.price} /> {cycles.per(detail.cycle as Cycle)}
            </span>,
          ],
          [facts('next'), next && <Money key="n" value={next.amount} />],
          [t('billsOn'), next && <When key="b" at={next.on} relative />],
          [t('nextFrom'), next && <When key="f" at={next.from} />],
          [t('collection'), ways(detail.collection === 'charge' ? 'charge' : 'invoice')],
          [t('periodStart'), detail.current_period_start && <When key="s" at={detail.current_period_start} />],
          [t('periodEnd'), detail.current_period_end && <When key="e" at={detail.current_period_end} relative />],
          [t('anchor'), detail.anchor_on && <When key="a" at={detail.anchor_on} />],
          [facts('trial'), detail.trial_ends_on && <When key="t" at={detail.trial_ends_on} relative />],
          [facts('coupon'), detail.coupon && <CouponLeft key="c" detail={detail} />],
          [
            t('plan'),
            plan ? (
              <SideLink key="l" href={`/admin/plans/${plan.id}`}>
                {plan.name}
              </SideLink>
            ) : (
              detail.plan_name
            ),
          ],
          [t('priceVersion'), String(detail.price_version)],
          [t('changed'), String(detail.version)],
          [
            t('license'),
            detail.license_id && (
              <SideLink key="li" href={toLicense(detail.license_id)}>
                {t('openLicense')}
              </SideLink>
            ),
          ],
          [t('started'), detail.started_at && <When key="st" at={detail.started_at} time />],
          [t('ended'), detail.ended_at && <When key="en" at={detail.ended_at} time />],
          [facts('id'), <CopyText key="i" value={detail.id} shown={`…${detail.id.slice(-12)}`} what={facts('id')} />],
        ]}
      />
    </Card>
  )
}
