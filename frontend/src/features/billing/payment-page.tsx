'use client'

import { Button, Card, Skeleton, Stack, Text } from '@mantine/core'
import { useSearchParams } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { Facts } from '@/components/facts'
import Link from '@/components/link'
import { Money } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { ProblemAlert } from '@/components/problem-alert'
import { StatusBadge } from '@/components/status-badge'
import { When } from '@/components/when'
import { usePayment } from './queries'

/** Where the payment page sends people back to when it knows no better place. */
export function PaymentPage() {
  const t = useTranslations('account.payment')
  const id = useSearchParams().get('payment')
  const { data: payment, error, refetch } = usePayment(id)
  return (
    <>
      <PageHeader title={t('title')} badge={payment && <StatusBadge state={payment.status} />} />
      <Stack align="flex-start">
        {error && <ProblemAlert error={error} retry={() => refetch()} />}
        {!id && <Text c="dimmed">{t('none')}</Text>}
        {id && !payment && !error && <Skeleton height={140} radius="lg" />}
        {payment && (
          <Card w="100%" maw={560}>
            <Facts
              of={[
                [t('amount'), <Money key="a" value={payment.amount} />],
                [t('started'), <When key="s" at={payment.created_at} time />],
                [t('failure'), payment.failure_message],
              ]}
            />
            {payment.failure && (
              <Text size="sm" mt="sm">
                {t('notCharged')}
              </Text>
            )}
          </Card>
        )}
        <Button component={Link} href="/orders" variant="default">
          {t('toOrders')}
        </Button>
      </Stack>
    </>
  )
}
