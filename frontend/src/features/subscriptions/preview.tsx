'use client'

import { Alert, Text } from '@mantine/core'
import { useFormatter, useTranslations } from 'next-intl'
import { useCycleWords } from '@/components/cycle-words'
import { Money } from '@/components/money'
import { Outdated } from '@/components/outdated'
import { When } from '@/components/when'
import { useName } from '@/features/licenses'
import type { Cycle } from '@/lib/cycle'
import { lastDay } from '@/lib/day'
import type { Preview } from './queries'
import classes from './subscriptions.module.css'

/** What a change costs now and next, and why: exactly what it will be. */
export function PreviewView({ preview, stale }: { preview: Preview; stale: boolean }) {
  const t = useTranslations('subscriptions.preview')
  const cycles = useCycleWords()
  const { now, credit } = preview
  return (
    <Outdated when={stale}>
      <TooMuch preview={preview} />
      <Text fw={600} mb={4}>
        {t(`when.${preview.when}`)} <When at={preview.effective_on} />
      </Text>
      {preview.lines.map((line, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no name of their own, and are drawn anew with each preview
        <div key={at} className={classes.line}>
          <span>
            {line.quantity > 1 ? `${line.quantity} × ${line.name}` : line.name}
            <span className="np-aside">
              {' '}
              {t(line.kind === 'credit' ? 'unused' : 'days', { days: line.days, of: line.of_days })}, <When at={line.from_day} /> –{' '}
              <When at={lastDay(line.until_day)} />
            </span>
          </span>
          <span className="np-number">
            {line.kind === 'credit' ? '− ' : ''}
            <Money value={line.net} />
          </span>
        </div>
      ))}
      {now.amount > 0 && (
        <>
          <Sum text={t('net')} value={preview.now_net} />
          <Sum text={t('tax')} value={preview.now_tax} />
        </>
      )}
      <Sum text={t('now')} value={now} strong />
      {credit.amount > 0 && <Sum text={t('credit')} value={credit} strong />}
      <Sum text={t('next', { per: cycles.name(preview.cycle as Cycle) })} value={preview.next_charge} />
      <Text size="sm" c="dimmed" mb="xs">
        {t.rich('nextOn', { bill: () => <When key="b" at={preview.next_bill_on} />, from: () => <When key="f" at={preview.next_charge_on} /> })}
        {preview.regular.amount !== preview.next_charge.amount && (
          <> {t.rich('regular', { amount: () => <Money key="r" value={preview.regular} />, per: cycles.per(preview.cycle as Cycle) })}</>
        )}
      </Text>
      <ul className={classes.why} aria-label={t('why')}>
        {preview.why.map((reason) => (
          <li key={reason}>{t.has(`whys.${reason}`) ? t(`whys.${reason}`) : reason.replaceAll('_', ' ')}</li>
        ))}
      </ul>
    </Outdated>
  )
}

function Sum({ text, value, strong }: { text: string; value: Preview['now']; strong?: boolean }) {
  return (
    <div className={classes.sum} data-strong={strong || undefined}>
      <span>{text}</span>
      <Money value={value} />
    </div>
  )
}

/** A smaller plan that what is in use does not fit into: what has to go, before anything can be changed. */
function TooMuch({ preview }: { preview: Preview }) {
  const t = useTranslations('subscriptions.preview')
  const name = useName('resource')
  const format = useFormatter()
  if (preview.too_much.length === 0) return null
  return (
    <Alert color="orange" mb="sm" title={t('tooMuch', { plan: preview.plan_name })} role="alert">
      <ul className="np-list">
        {preview.too_much.map((one) => (
          <li key={one.resource}>
            {t('remove', {
              count: format.number(one.to_remove),
              what: name(one.resource),
              used: format.number(one.used),
              limit: format.number(one.limit),
            })}
          </li>
        ))}
      </ul>
      <Text size="sm" mt={4}>
        {t('thenAgain')}
      </Text>
    </Alert>
  )
}
