'use client'

import { Alert, Button, Text } from '@mantine/core'
import { useTranslations } from 'next-intl'
import type { Schemas } from '@/api/client'
import { useMoney } from '@/components/money'
import { ProblemAlert } from '@/components/problem-alert'
import { paymentState } from './course'
import { type Order, usePay } from './queries'

const COLORS = { unpaid: 'blue', processing: 'blue', declined: 'red', expired: 'orange' } as const

/** Not paid yet: what became of the last attempt, and the way to pay. */
export function Unpaid({ order, attempt }: { order: Order; attempt: Schemas['PaymentBody'] | null }) {
  const t = useTranslations('orders')
  const money = useMoney()
  const pay = usePay(order.id)
  const state = paymentState(attempt)
  const total = money(order.total)
  const text = state === 'declined' ? `${attempt?.failure_message ?? t('declinedText')} ${t('nothingCharged')}` : t(`payment.${state}.text`)
  return (
    <Alert role={state === 'declined' ? 'alert' : 'status'} color={COLORS[state]} title={t(`payment.${state}.title`)}>
      <Text size="sm">{text}</Text>
      {pay.error && <ProblemAlert error={pay.error} />}
      {pay.isSuccess && !pay.data && (
        <Text size="sm" mt="xs">
          {t('stillOpening')}
        </Text>
      )}
      {state !== 'processing' && (
        <Button mt="sm" onClick={() => pay.mutate()} loading={pay.isPending || Boolean(pay.data)}>
          {state === 'declined' ? t('tryAnother', { total }) : t('pay', { total })}
        </Button>
      )}
    </Alert>
  )
}
