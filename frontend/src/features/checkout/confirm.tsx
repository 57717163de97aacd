'use client'

import { Button, Checkbox, Stack, Text } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useRef, useState } from 'react'
import Link from '@/components/link'
import { useMoney } from '@/components/money'
import { ProblemAlert } from '@/components/problem-alert'
import type { Customer } from '@/features/account'
import { type CartItem, isComplete, registers, useCurrency } from '@/features/cart'
import { useQuote } from '@/features/cart/quote'
import { useCompany } from '@/features/company'
import type { usePlaceOrder } from './queries'

interface ConfirmProps {
  items: CartItem[]
  customer: Customer
  place: ReturnType<typeof usePlaceOrder>
  leaving: boolean
}

export function Confirm({ items, customer, place, leaving }: ConfirmProps) {
  const t = useTranslations('cart.checkout')
  const money = useMoney()
  const company = useCompany()
  const { currency } = useCurrency()
  const quote = useQuote(items, true)
  const [terms, setTerms] = useState(false)
  const [start, setStart] = useState(false)
  const [tried, setTried] = useState(false)
  // A double click is faster than the next render.
  const sent = useRef(false)
  const [acceptance, wish] = [useRef<HTMLInputElement>(null), useRef<HTMLInputElement>(null)]
  const naming = items.some(registers)
  const consumer = customer.status === 'consumer'
  const send = () => {
    setTried(true)
    if (!terms || (consumer && !start)) return (terms ? wish : acceptance).current?.focus()
    if (!isComplete(items) || leaving || sent.current || !quote.data) return
    sent.current = true
    const consent = { terms_version: company.terms_version, status: customer.status, immediate_start: start, registrar_terms: naming && terms }
    place.mutate(
      { items, consent, currency, coupon: quote.data.coupon?.code ?? null, expected_total: quote.data.total },
      {
        onError: () => {
          sent.current = false
        },
      },
    )
  }
  // What is still being asked for is not what would be ordered.
  const total = quote.isPlaceholderData ? undefined : quote.data?.total
  const free = total?.amount === 0
  return (
    <Stack>
      {place.error && (
        <ProblemAlert error={place.error}>
          <Text size="sm">{t('notCharged')}</Text>
        </ProblemAlert>
      )}
      <Checkbox
        ref={acceptance}
        checked={terms}
        onChange={(event) => setTerms(event.currentTarget.checked)}
        error={tried && !terms ? t('termsNeeded') : undefined}
        label={t.rich(naming ? 'termsWithRegistrar' : 'terms', {
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
        ref={wish}
        checked={start}
        onChange={(event) => setStart(event.currentTarget.checked)}
        error={tried && consumer && !start ? t('startNeeded') : undefined}
        label={consumer ? t('startConsumer') : t('startBusiness')}
      />
      <Button size="lg" h="auto" mih={50} py={8} styles={{ label: { whiteSpace: 'normal' } }} onClick={send} loading={leaving} disabled={!total}>
        {total ? t(free ? 'payNothing' : 'pay', { total: money(total) }) : t('computing')}
      </Button>
      <Text size="sm" c="dimmed">
        {t(free ? 'noPayment' : 'paymentPage')}
      </Text>
    </Stack>
  )
}
