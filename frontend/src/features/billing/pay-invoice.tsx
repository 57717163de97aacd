'use client'

import { Button, Card, Group, Stack, Text } from '@mantine/core'
import { useTranslations } from 'next-intl'
import type { Schemas } from '@/api/client'
import { CopyText } from '@/components/copy-text'
import { useMoney } from '@/components/money'
import { ProblemAlert } from '@/components/problem-alert'
import { When } from '@/components/when'
import { useBalances, useMakePayLink, usePayFromCredit, usePayInvoice } from './queries'

/** What is left to pay, and the ways: by card, from the credit, or by a link for somebody else. */
export function PayInvoice({ invoice }: { invoice: Schemas['InvoiceBody'] }) {
  const t = useTranslations('account.invoices')
  const money = useMoney()
  const pay = usePayInvoice(invoice.id)
  const fromCredit = usePayFromCredit(invoice.id)
  const link = useMakePayLink(invoice.id)
  const { due } = invoice
  const free = useBalances().data?.find((each) => each.free.currency === due.currency)?.free
  const usable = free && free.amount > 0 ? { ...free, amount: Math.min(free.amount, due.amount) } : null
  const error = pay.error ?? fromCredit.error ?? link.error
  return (
    <Card component="section" aria-label={t('toPay')} className="np-noprint">
      <Stack gap="sm">
        {error && <ProblemAlert error={error} />}
        <Group gap="sm">
          <Button onClick={() => pay.mutate()} loading={pay.isPending}>
            {t('pay', { total: money(due) })}
          </Button>
          {usable && (
            <Button variant="default" onClick={() => fromCredit.mutate()} loading={fromCredit.isPending}>
              {t('payFromCredit', { amount: money(usable) })}
            </Button>
          )}
          {!link.data && (
            <Button variant="subtle" onClick={() => link.mutate()} loading={link.isPending}>
              {t('makeLink')}
            </Button>
          )}
        </Group>
        {pay.isSuccess && !pay.data.checkout_url && (
          <Text size="sm" role="status">
            {t('opening')}
          </Text>
        )}
        {link.data && (
          <div role="status">
            <CopyText value={link.data.url} what={t('link')} />
            <Text size="sm" c="dimmed">
              {t.rich('linkText', { on: () => <When key="w" at={link.data.expires_at} /> })}
            </Text>
          </div>
        )}
      </Stack>
    </Card>
  )
}
