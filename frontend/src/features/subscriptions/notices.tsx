'use client'

import { Alert, Button, Group, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useTranslations } from 'next-intl'
import { useOnce } from '@/api/once'
import Link from '@/components/link'
import { Money } from '@/components/money'
import { ProblemAlert } from '@/components/problem-alert'
import { When } from '@/components/when'
import { type Change, type Detail, deeds, usePayChange, useRefresh } from './queries'
import { openChanges } from './standing'

/** What is under way, and the way on or back. `paid`: somebody comes from the payment page, and the news may be behind them. */
export function Notices({ detail, changes, paid }: { detail: Detail; changes: Change[] | undefined; paid: boolean }) {
  const { asked, price } = openChanges(changes)
  return (
    <>
      {asked?.state === 'waiting_payment' && <WaitsForPayment detail={detail} change={asked} paid={paid} />}
      {asked?.state === 'scheduled' && <Scheduled detail={detail} change={asked} />}
      {price && <PriceTold detail={detail} change={price} />}
      {detail.cancel_on && <Ending detail={detail} />}
      {detail.status === 'past_due' && <Owed />}
      {detail.status === 'paused' && <Resting detail={detail} />}
      {detail.status === 'suspended' && <Suspended />}
    </>
  )
}

function useDeed(id: string, done: string, run: () => Promise<unknown>) {
  const refresh = useRefresh(id)
  return useOnce<unknown>({
    mutationFn: run,
    onSuccess: async () => {
      await refresh()
      notifications.show({ message: done, color: 'green' })
    },
  })
}

function WaitsForPayment({ detail, change, paid }: { detail: Detail; change: Change; paid: boolean }) {
  const t = useTranslations('subscriptions.notice.waiting')
  const pay = usePayChange(detail.id)
  const withdraw = useDeed(detail.id, t('withdrawn'), () => deeds.withdraw(detail.id, change.id))
  const error = pay.error ?? withdraw.error
  if (paid)
    return (
      <Alert color="blue" role="status" title={t('paidTitle')}>
        {t('paidText')}
      </Alert>
    )
  return (
    <Alert color="orange" role="status" title={t('title', { to: change.plan_name ?? detail.plan_name })}>
      <Text size="sm">
        {t.rich('text', { amount: () => <Money key="a" value={change.now_net} />, until: () => <When key="u" at={change.valid_until} relative /> })}
      </Text>
      {error && <ProblemAlert error={error} />}
      <Group gap="sm" mt="sm">
        {change.payable_id && (
          <Button size="sm" onClick={() => pay.mutate(change.payable_id ?? '')} loading={pay.isPending || Boolean(pay.data)}>
            {t('pay')}
          </Button>
        )}
        <Button size="sm" variant="default" onClick={() => withdraw.send()} loading={withdraw.isPending}>
          {t('withdraw')}
        </Button>
      </Group>
    </Alert>
  )
}

function Scheduled({ detail, change }: { detail: Detail; change: Change }) {
  const t = useTranslations('subscriptions.notice.scheduled')
  const withdraw = useDeed(detail.id, t('withdrawn'), () => deeds.withdraw(detail.id, change.id))
  return (
    <Alert color="blue" role="status" title={t('title', { to: change.plan_name ?? detail.plan_name })}>
      <Text size="sm">
        {t.rich('text', { on: () => <When key="o" at={change.effective_on} relative />, next: () => <Money key="n" value={change.next_charge} /> })}
      </Text>
      {withdraw.error && <ProblemAlert error={withdraw.error} />}
      <Button size="sm" variant="default" mt="sm" onClick={() => withdraw.send()} loading={withdraw.isPending}>
        {t('withdraw')}
      </Button>
    </Alert>
  )
}

function PriceTold({ detail, change }: { detail: Detail; change: Change }) {
  const t = useTranslations('subscriptions.notice.price')
  return (
    <Alert color="blue" role="status" title={t('title')}>
      <Text size="sm">
        {t.rich('text', {
          before: () => <Money key="b" value={detail.price} />,
          after: () => <Money key="a" value={change.next_charge} />,
          on: () => <When key="o" at={change.effective_on} relative />,
        })}
      </Text>
    </Alert>
  )
}

function Ending({ detail }: { detail: Detail }) {
  const t = useTranslations('subscriptions.notice.ending')
  const undo = useDeed(detail.id, t('undone'), () => deeds.reactivate(detail.id))
  return (
    <Alert color="orange" role="status" title={t('title')}>
      <Text size="sm">{t.rich('text', { on: () => <When key="o" at={detail.cancel_on} relative /> })}</Text>
      {undo.error && <ProblemAlert error={undo.error} />}
      <Button size="sm" mt="sm" onClick={() => undo.send()} loading={undo.isPending}>
        {t('undo')}
      </Button>
    </Alert>
  )
}

function Owed() {
  const t = useTranslations('subscriptions.notice.owed')
  return (
    <Alert color="orange" role="status" title={t('title')}>
      <Text size="sm">{t('text')}</Text>
      <Group gap="sm" mt="sm">
        <Button component={Link} href="/invoices" size="sm">
          {t('toInvoices')}
        </Button>
        <Button component={Link} href="/payment-methods" size="sm" variant="default">
          {t('toMethods')}
        </Button>
      </Group>
    </Alert>
  )
}

function Resting({ detail }: { detail: Detail }) {
  const t = useTranslations('subscriptions.notice.resting')
  const resume = useDeed(detail.id, t('resumed'), () => deeds.resume(detail.id))
  return (
    <Alert color="blue" role="status" title={t('title')}>
      <Text size="sm">
        {t('text')} {detail.resume_on && t.rich('until', { on: () => <When key="o" at={detail.resume_on} relative /> })}
      </Text>
      {resume.error && <ProblemAlert error={resume.error} />}
      <Button size="sm" mt="sm" onClick={() => resume.send()} loading={resume.isPending}>
        {t('resume')}
      </Button>
    </Alert>
  )
}

function Suspended() {
  const t = useTranslations('subscriptions.notice.suspended')
  return (
    <Alert color="red" role="status" title={t('title')}>
      <Text size="sm">{t('text')}</Text>
      <Button component={Link} href="/invoices" size="sm" mt="sm" variant="default">
        {t('toInvoices')}
      </Button>
    </Alert>
  )
}
