'use client'

import { Text } from '@mantine/core'
import { useFormatter, useTranslations } from 'next-intl'
import { useMoney } from '@/components/money'
import classes from './invoices.module.css'
import type { Invoice } from './queries'

/** The sums of an invoice, and what became of them, in the order in which it happened. */
export function WholeExplained({ invoice }: { invoice: Invoice }) {
  const t = useTranslations('desk.explain.says')
  const words = useTranslations('desk')
  const money = useMoney()
  const format = useFormatter()
  const day = (at: string) => format.dateTime(new Date(at), { dateStyle: 'medium', timeZone: 'UTC' })
  const how = (method: string) => (words.has(`method.${method}`) ? words(`method.${method}`) : method)
  const said = [
    {
      key: 'lines',
      text: t('lines', { count: invoice.lines.length, net: money(invoice.net), tax: money(invoice.tax), total: money(invoice.total) }),
    },
    ...invoice.payments.map((each) => ({
      key: each.id,
      text: t('paid', { amount: money(each.amount), on: day(each.applied_on), how: how(each.method ?? each.source) }),
    })),
    ...invoice.credit_notes.map((each) => ({
      key: each.id,
      text: t('noted', { number: each.number, total: money(each.total), on: day(each.issued_on), reason: each.reason }),
    })),
  ]
  if (invoice.written_off.amount) said.push({ key: 'off', text: t('writtenOff', { amount: money(invoice.written_off) }) })
  if (invoice.number) said.push({ key: 'due', text: t('due', { amount: money(invoice.due) }) })
  return (
    <>
      <ol className={classes.sentences}>
        {said.map((each) => (
          <li key={each.key}>{each.text}</li>
        ))}
      </ol>
      <Text size="sm" c="dimmed">
        {t('each')}
      </Text>
    </>
  )
}
