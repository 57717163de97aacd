'use client'

import { Button, Card, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import { IconShoppingCart } from '@tabler/icons-react'
import dynamic from 'next/dynamic'
import { useLocale, useTranslations } from 'next-intl'
import { type ReactNode, useState } from 'react'
import { EmptyState } from '@/components/empty-state'
import { PageHeader } from '@/components/page-header'
import { ProblemAlert } from '@/components/problem-alert'
import { type Customer, DetailsForm, TaxIdStanding, useProfile } from '@/features/account'
import { useCart } from '@/features/cart'
import classes from '@/features/cart/cart.module.css'
import { useMe } from '@/features/identity'
import { countryName } from '@/lib/address'
import { usePlaceOrder } from './queries'

const waiting = () => <Skeleton height={320} />
// Each is needed by some only: newcomers log in, and few change who buys.
const Confirm = dynamic(() => import('./confirm').then((found) => found.Confirm), { ssr: false, loading: waiting })
const Summary = dynamic(() => import('@/features/cart/summary').then((found) => found.Summary), { ssr: false, loading: waiting })
const WhoAreYou = dynamic(() => import('./who-are-you').then((found) => found.WhoAreYou), { ssr: false, loading: waiting })

export function CheckoutPage() {
  const t = useTranslations('cart.checkout')
  const { items } = useCart()
  const me = useMe()
  const customerId = me.data?.customer_id
  const profile = useProfile(Boolean(customerId))
  const [editing, setEditing] = useState(false)
  const place = usePlaceOrder()
  // The cart is emptied once the order is placed: the page stays as it is until the payment page opens.
  const leaving = place.isPending || place.isSuccess
  if (items.length === 0 && !leaving)
    return (
      <>
        <PageHeader title={t('title')} />
        <EmptyState icon={<IconShoppingCart />} title={t('empty')} text={t('emptyText')} action={{ href: '/pricing', label: t('toPlans') }} />
      </>
    )
  const ready = Boolean(profile.data?.address && profile.data.phone) && !editing
  return (
    <>
      <PageHeader title={t('title')} back={{ href: '/cart', label: t('back') }} />
      <div className={classes.grid}>
        <Stack>
          <Section number={1} title={t('who')}>
            {me.isPending && <Skeleton height={120} />}
            {me.data === null && <WhoAreYou />}
            {me.data && !customerId && <Text>{t('staff')}</Text>}
            {customerId && <Text className="np-break">{t('loggedIn', { email: me.data?.email ?? '' })}</Text>}
          </Section>
          <Section number={2} title={t('details')} off={!customerId}>
            {profile.error && <ProblemAlert error={profile.error} retry={() => profile.refetch()} />}
            {profile.data && !ready && <DetailsForm customer={profile.data} submit={t('saveDetails')} onSaved={() => setEditing(false)} />}
            {profile.data && ready && <AddressShown customer={profile.data} onEdit={() => setEditing(true)} />}
          </Section>
          <Section number={3} title={t('confirm')} off={!ready}>
            {ready && profile.data && <Confirm items={items} customer={profile.data} place={place} leaving={leaving} />}
          </Section>
        </Stack>
        <Summary items={items} known={ready} />
      </div>
    </>
  )
}

function Section({ number, title, off, children }: { number: number; title: string; off?: boolean; children?: ReactNode }) {
  return (
    <Card component="section" aria-label={title}>
      <Title order={2} fz={18} c={off ? 'dimmed' : undefined} mb={off ? 0 : 'md'}>
        {number}. {title}
      </Title>
      {!off && children}
    </Card>
  )
}

function AddressShown({ customer, onEdit }: { customer: Customer; onEdit: () => void }) {
  const t = useTranslations('cart.checkout')
  const locale = useLocale()
  const { address } = customer
  const town = [address?.postal_code, address?.city].filter(Boolean).join(' ')
  const place = [address?.line_1, address?.line_2, town, address?.state, address && countryName(address.country, locale)]
  return (
    <Group justify="space-between" align="flex-start" wrap="nowrap">
      <div>
        <Text className="np-break">
          {[customer.company, customer.name, ...place].filter(Boolean).join(', ')}
          <br />
          <span className="np-aside">{t(`as.${customer.status}`)}</span>
        </Text>
        {customer.status === 'business' && <TaxIdStanding taxId={customer.tax_id} />}
      </div>
      <Button variant="default" size="xs" flex="none" onClick={onEdit}>
        {t('edit')}
      </Button>
    </Group>
  )
}
