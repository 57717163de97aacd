'use client'

import { Alert, Button, Card, Checkbox, Group, Skeleton, Stack, Tabs, Text, Title } from '@mantine/core'
import { IconShoppingCart } from '@tabler/icons-react'
import { useTranslations } from 'next-intl'
import { type ReactNode, useRef, useState } from 'react'
import { EmptyState } from '@/components/empty-state'
import Link from '@/components/link'
import { Money, useMoney } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { ProblemAlert } from '@/components/problem-alert'
import { DetailsForm } from '@/features/account/details-form'
import { type Customer, useProfile } from '@/features/account/queries'
import { type CartItem, useCart } from '@/features/cart'
import classes from '@/features/cart/cart.module.css'
import { isComplete, useCartLines } from '@/features/cart/cart-page'
import { useCompany } from '@/features/company'
import { useMe } from '@/features/identity'
import { LoginForm, RegisterForm } from '@/features/identity/forms'
import { usePlaceOrder, useQuote } from './queries'

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
    return <EmptyState icon={<IconShoppingCart />} title={t('empty')} text={t('emptyText')} action={{ href: '/pricing', label: t('toPlans') }} />
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
        <Summary items={items} asked={ready} />
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

function WhoAreYou() {
  const t = useTranslations('cart.checkout')
  const stay = () => undefined
  return (
    <Tabs defaultValue="register">
      <Tabs.List mb="md">
        <Tabs.Tab value="register">{t('new')}</Tabs.Tab>
        <Tabs.Tab value="login">{t('known')}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="register">
        <RegisterForm onDone={stay} />
      </Tabs.Panel>
      <Tabs.Panel value="login">
        <LoginForm onDone={stay} />
      </Tabs.Panel>
    </Tabs>
  )
}

function AddressShown({ customer, onEdit }: { customer: Customer; onEdit: () => void }) {
  const t = useTranslations('cart.checkout')
  const { address } = customer
  const place = [address?.line_1, address?.line_2, [address?.postal_code, address?.city].filter(Boolean).join(' '), address?.state, address?.country]
  return (
    <Group justify="space-between" align="flex-start">
      <Text className="np-break">
        {[customer.company, customer.name, ...place].filter(Boolean).join(', ')}
        <br />
        <span className="np-aside">{t(`as.${customer.status}`)}</span>
      </Text>
      <Button variant="default" size="xs" onClick={onEdit}>
        {t('edit')}
      </Button>
    </Group>
  )
}

interface ConfirmProps {
  items: CartItem[]
  customer: Customer
  place: ReturnType<typeof usePlaceOrder>
  leaving: boolean
}

function Confirm({ items, customer, place, leaving }: ConfirmProps) {
  const t = useTranslations('cart.checkout')
  const money = useMoney()
  const company = useCompany()
  const quote = useQuote(items, true)
  const [terms, setTerms] = useState(false)
  const [start, setStart] = useState(false)
  const [tried, setTried] = useState(false)
  // A double click is faster than the next render.
  const sent = useRef(false)
  const registers = items.some((item) => item.kind === 'domain' || item.domain.kind === 'register')
  const consumer = customer.status === 'consumer'
  const send = () => {
    setTried(true)
    if (!terms || (consumer && !start) || !isComplete(items) || leaving || sent.current) return
    sent.current = true
    const consent = { terms_version: company.terms_version, status: customer.status, immediate_start: start, registrar_terms: registers && terms }
    place.mutate(
      { items, consent },
      {
        onError: () => {
          sent.current = false
        },
      },
    )
  }
  const total = quote.data?.total
  return (
    <Stack>
      {place.error && (
        <ProblemAlert error={place.error}>
          <Text size="sm">{t('notCharged')}</Text>
        </ProblemAlert>
      )}
      <Checkbox
        checked={terms}
        onChange={(event) => setTerms(event.currentTarget.checked)}
        error={tried && !terms ? t('termsNeeded') : undefined}
        label={t.rich(registers ? 'termsWithRegistrar' : 'terms', {
          terms: (text) => (
            <Link href="/legal/terms" target="_blank">
              {text}
            </Link>
          ),
          withdrawal: (text) => (
            <Link href="/legal/withdrawal" target="_blank">
              {text}
            </Link>
          ),
        })}
      />
      <Checkbox
        checked={start}
        onChange={(event) => setStart(event.currentTarget.checked)}
        error={tried && consumer && !start ? t('startNeeded') : undefined}
        label={consumer ? t('startConsumer') : t('startBusiness')}
      />
      <Button size="lg" onClick={send} loading={leaving} disabled={!total}>
        {total ? t('pay', { total: money(total) }) : t('computing')}
      </Button>
      <Text size="sm" c="dimmed">
        {t('paymentPage')}
      </Text>
    </Stack>
  )
}

function Summary({ items, asked }: { items: CartItem[]; asked: boolean }) {
  const t = useTranslations('cart')
  const quote = useQuote(items, asked)
  const estimate = useCartLines(items)
  const found = asked ? quote.data : undefined
  const lines = found
    ? found.lines.map((line) => ({ text: line.description, price: line.net, note: line.tax_note }))
    : estimate.map((line) => ({ ...line, note: '' }))
  return (
    <Card className={classes.side} component="aside" aria-label={t('summary')}>
      <Title order={2} fz={18} mb="xs">
        {t('summary')}
      </Title>
      {quote.error && <ProblemAlert error={quote.error} retry={() => quote.refetch()} />}
      {lines.map((line) => (
        <div key={line.text} className={classes.line}>
          <span className="np-break">{line.text}</span>
          {line.price && <Money value={line.price} />}
        </div>
      ))}
      {found && (
        <>
          <div className={classes.line}>
            <span className="np-aside">{t('net')}</span>
            <Money value={found.net} />
          </div>
          <div className={classes.line}>
            <span className="np-aside">{[...new Set(found.lines.map((line) => line.tax_note).filter(Boolean))].join(', ') || t('tax')}</span>
            <Money value={found.tax} />
          </div>
          <div className={classes.total}>
            <span>{t('total')}</span>
            <Money value={found.total} />
          </div>
        </>
      )}
      {!found && !quote.error && (
        <Alert color="gray" mt="sm">
          {t('taxLater')}
        </Alert>
      )}
    </Card>
  )
}
