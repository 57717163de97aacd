'use client'

import { Card, Skeleton, Text, Title } from '@mantine/core'
import { useFormatter, useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { MoreButton } from '@/components/form/more-button'
import { useMoney } from '@/components/money'
import { ProblemAlert } from '@/components/problem-alert'
import { When } from '@/components/when'
import { type History as Entry, useHistoryOf } from './queries'
import classes from './subscriptions.module.css'

interface HistoryProps {
  id: string
  currency: string
  /** Staff are shown which login it was. */
  actor?: (actor: string) => ReactNode
}

/** What happened, newest first, with who did it. */
export function History({ id, currency, actor }: HistoryProps) {
  const t = useTranslations('subscriptions.history')
  const list = useHistoryOf(id)
  return (
    <Card component="section" aria-labelledby="history">
      <Title order={2} fz={18} mb="sm" id="history">
        {t('title')}
      </Title>
      {list.error && <ProblemAlert error={list.error} retry={list.again} />}
      {!list.rows && !list.error && <Skeleton height={80} />}
      <ol className={classes.history}>
        {list.rows?.map((entry) => (
          <Line key={entry.id} entry={entry} currency={currency} actor={actor} />
        ))}
      </ol>
      <MoreButton {...list} />
    </Card>
  )
}

function Line({ entry, currency, actor }: { entry: Entry; currency: string } & Pick<HistoryProps, 'actor'>) {
  const t = useTranslations('subscriptions.history')
  const told = useTold(currency)
  const who = entry.actor.split(':')[0] ?? ''
  const reason = typeof entry.detail.reason === 'string' ? entry.detail.reason : ''
  return (
    <li>
      <span className={classes.told}>
        {told(entry)}
        {reason && (
          <Text size="sm" c="dimmed" className="np-break">
            {t('reason', { reason })}
          </Text>
        )}
      </span>
      <span className="np-aside">
        <When at={entry.at} time /> · {actor ? actor(entry.actor) : t.has(`who.${who}`) ? t(`who.${who}`) : who}
      </span>
    </li>
  )
}

/** An entry in a sentence; what we have no words for is told as it is. */
function useTold(currency: string): (entry: Entry) => string {
  const t = useTranslations('subscriptions.history')
  const kinds = useTranslations('subscriptions.kind')
  const money = useMoney()
  const format = useFormatter()
  const day = (value: unknown) => (typeof value === 'string' ? format.dateTime(new Date(value), { dateStyle: 'medium', timeZone: 'UTC' }) : '')
  const sum = (value: unknown) => (typeof value === 'number' ? money({ amount: value, currency }) : '')
  return ({ kind, detail }) => {
    const from = (detail.from ?? {}) as { plan?: string; price_minor?: number }
    const to = (detail.to ?? {}) as { plan?: string; price_minor?: number } | string
    const target = typeof to === 'string' ? to : (to.plan ?? '')
    const what = typeof detail.kind === 'string' && kinds.has(detail.kind) ? kinds(detail.kind) : ''
    const values = {
      what,
      to: target,
      before: kind === 'changed' ? `${from.plan ?? ''} ${sum(from.price_minor)}` : sum(detail.from_minor),
      after: kind === 'changed' && typeof to !== 'string' ? `${to.plan ?? ''} ${sum(to.price_minor)}` : sum(detail.to_minor),
      on: day(detail.effective_on ?? detail.cancel_on ?? detail.resume_on ?? detail.until),
      open: detail.resume_on ? 'no' : 'yes',
      days: Number(detail.days ?? 0),
      error: typeof detail.error === 'string' ? detail.error : '',
      way: String(detail.collection ?? ''),
    }
    return t.has(`did.${kind}`) ? t(`did.${kind}`, values) : kind.replaceAll('_', ' ')
  }
}
