'use client'

import { Button, Card, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useFormatter, useTranslations } from 'next-intl'
import { useState } from 'react'
import { useShownPages } from '@/api/pages'
import { CopyText } from '@/components/copy-text'
import { DataTable } from '@/components/data-table'
import { Facts } from '@/components/facts'
import { MoreButton } from '@/components/form/more-button'
import Link from '@/components/link'
import { Money, useMoney } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { Trouble } from '@/components/trouble'
import { When } from '@/components/when'
import { useToday } from '@/features/company'
import { ReasonDialog } from '../dialogs'
import { Deeds } from '../licenses/happenings'
import classes from '../orders/orders.module.css'
import { SideLink, toCustomer, toOrder } from '../parts'
import { useMay } from '../queries'
import type { Deed } from '../reason-dialog'
import { CatalogBadge } from './badges'
import { Remaining, useDiscount, usePeriods } from './coupon-words'
import { type Coupon, changeCoupon, loadRedemptions, type Redemption, useCoupon, useManagedPlans, withdrawCoupon } from './queries'
import { couponStanding } from './versions'

export function CouponPage({ id }: { id: string }) {
  const t = useTranslations('catalog')
  const discount = useDiscount()
  const today = useToday()
  const found = useCoupon(id)
  const coupon = found.data
  return (
    <>
      <PageHeader
        title={coupon?.code ?? t('coupons.title')}
        back={{ href: '/admin/coupons', label: t('coupons.title') }}
        badge={coupon && <CatalogBadge state={couponStanding(coupon, today)} />}
        text={coupon && `${discount(coupon)} · ${coupon.name}`}
        action={coupon && <CouponActions coupon={coupon} />}
      />
      {found.error && <Trouble error={found.error} retry={() => found.refetch()} />}
      {!coupon && !found.error && <Skeleton height={400} radius="lg" />}
      {coupon && (
        <div className={classes.columns}>
          <Stack gap="lg">
            <Redemptions id={id} />
            <Deeds id={id} />
          </Stack>
          <div className={classes.side}>
            <Card component="section" aria-labelledby="uses">
              <Title order={2} fz={16} mb="sm" id="uses">
                {t('coupons.used')}
              </Title>
              <Remaining coupon={coupon} />
              {coupon.max_uses !== null && (
                <Text size="sm" c="dimmed">
                  {t('coupons.remain', { count: Math.max(0, coupon.max_uses - coupon.used_count) })}
                </Text>
              )}
            </Card>
            <AboutCoupon coupon={coupon} />
          </div>
        </div>
      )}
    </>
  )
}

function CouponActions({ coupon }: { coupon: Coupon }) {
  const t = useTranslations('catalog')
  const [deed, setDeed] = useState<Deed | null>(null)
  if (!useMay('catalog.manage')) return null
  const active = coupon.state === 'active'
  const turn: Deed = {
    title: t(active ? 'plan.withdrawTitle' : 'coupon.reviveTitle', { name: coupon.code }),
    text: t(active ? 'coupon.withdrawText' : 'coupon.reviveText'),
    submit: t(active ? 'plan.withdraw' : 'coupon.revive'),
    done: t(active ? 'plan.withdrawn' : 'coupon.revived', { name: coupon.code }),
    hint: t('plan.kept'),
    danger: active,
    run: (reason) => (active ? withdrawCoupon(coupon, reason) : changeCoupon(coupon, { state: 'active', reason })),
  }
  return (
    <Group gap="xs">
      <Button component={Link} href={`/admin/coupons/${coupon.id}/edit`} size="sm" variant="default">
        {t('plan.change')}
      </Button>
      <Button size="sm" variant="default" onClick={() => setDeed(turn)}>
        {turn.submit}
      </Button>
      {deed && <ReasonDialog deed={deed} onClose={() => setDeed(null)} />}
    </Group>
  )
}

function AboutCoupon({ coupon }: { coupon: Coupon }) {
  const t = useTranslations('catalog')
  const discount = useDiscount()
  const periods = usePeriods()
  const format = useFormatter()
  const money = useMoney()
  const plans = useManagedPlans().data
  const named = coupon.plan_codes.map((code) => (code === '*' ? t('coupon.allPlans') : (plans?.find((plan) => plan.code === code)?.name ?? code)))
  const endings = coupon.tlds.map((tld) => (tld === '*' ? t('coupon.allTlds') : `.${tld}`))
  const scope = [...named, ...endings]
  const minimums = Object.entries(coupon.minimums).map(([currency, amount]) => money({ amount, currency }))
  return (
    <Card component="section" aria-labelledby="about-coupon">
      <Title order={2} fz={16} mb="sm" id="about-coupon">
        {t('coupon.about')}
      </Title>
      <Facts
        of={[
          [t('columns.code'), <CopyText key="code" value={coupon.code} what={t('columns.code')} />],
          [t('coupons.discount'), discount(coupon)],
          [t('coupons.periods'), periods(coupon)],
          [t('coupon.scope'), scope.length > 0 ? format.list(scope, { type: 'unit' }) : t('coupon.everything')],
          [t('coupon.setup'), t(coupon.covers_setup ? 'yes' : 'no')],
          [t('coupon.newcomers'), t(coupon.new_customers_only ? 'yes' : 'no')],
          [t('coupon.perCustomer'), coupon.per_customer === null ? t('coupon.noLimit') : format.number(coupon.per_customer)],
          [t('coupon.most'), coupon.max_uses === null ? t('coupon.noLimit') : format.number(coupon.max_uses)],
          [t('coupon.minimum'), minimums.join(' · ')],
          [t('coupon.from'), coupon.valid_from && <When at={coupon.valid_from} relative />],
          [t('coupon.until'), coupon.valid_until && <When at={coupon.valid_until} relative />],
        ]}
      />
    </Card>
  )
}

function Redemptions({ id }: { id: string }) {
  const t = useTranslations('catalog')
  const pages = useShownPages<Redemption>(['staff', 'coupon', id, 'redemptions'], (cursor, limit) => loadRedemptions(id, cursor, limit))
  return (
    <section aria-labelledby="redemptions">
      <Title order={2} fz={18} mb="xs" id="redemptions">
        {t('coupons.redemptions')}
      </Title>
      {pages.error && <Trouble error={pages.error} retry={pages.again} />}
      {pages.rows?.length === 0 && (
        <Card>
          <Text size="sm" c="dimmed">
            {t('coupons.noRedemption')}
          </Text>
        </Card>
      )}
      {pages.rows?.length !== 0 && !pages.error && (
        <DataTable
          dense
          label={t('coupons.redemptions')}
          rows={pages.rows}
          rowKey={(row) => row.id}
          columns={[
            { key: 'at', title: t('coupons.at'), render: (row) => <When at={row.at} time /> },
            { key: 'off', title: t('coupons.off'), number: true, render: (row) => <Money value={row.discount} /> },
            { key: 'state', title: t('columns.state'), render: (row) => <CatalogBadge state={row.state} /> },
            { key: 'order', title: t('coupons.order'), render: (row) => <SideLink href={toOrder(row.order_id)}>{t('coupons.order')}</SideLink> },
            {
              key: 'customer',
              title: t('coupons.customer'),
              render: (row) => <SideLink href={toCustomer(row.customer_id)}>{t('coupons.customer')}</SideLink>,
            },
          ]}
        />
      )}
      <MoreButton {...pages} />
    </section>
  )
}
