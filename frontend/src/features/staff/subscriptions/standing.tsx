'use client'

import { Alert, Button, Text } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import type { Schemas } from '@/api/client'
import { Money } from '@/components/money'
import { When } from '@/components/when'
import { openChanges } from '@/features/subscriptions'
import { ReasonDialog } from '../dialogs'
import { ActorName } from '../lists/audit-list'
import { useMay } from '../queries'
import type { Deed } from '../reason-dialog'
import { type Detail, useRefreshed, withdraw } from './queries'

type Change = Schemas['SubscriptionChangeBody']

/** What is not as usual: set aside by the run, about to end, or with a change under way. */
export function Standing({ detail, changes }: { detail: Detail; changes: Change[] | undefined }) {
  const t = useTranslations('upkeep.standing')
  const { asked, price } = openChanges(changes)
  return (
    <>
      {detail.billing_error && (
        <Alert color="red" title={t('asideTitle')}>
          <Text size="sm" className="np-break">
            {detail.billing_error}
          </Text>
          <Text size="sm" c="dimmed">
            {t.rich('asideText', { at: () => <When key="a" at={detail.billing_error_at} time /> })}
          </Text>
        </Alert>
      )}
      {detail.cancel_on && (
        <Alert color="orange" title={t('endingTitle')}>
          <Text size="sm">
            {t.rich('endingText', { on: () => <When key="o" at={detail.cancel_on} relative /> })}
            {detail.cancel_reason && ` ${t('why', { reason: detail.cancel_reason })}`}
          </Text>
        </Alert>
      )}
      {detail.status === 'paused' && (
        <Alert color="blue" title={t('pausedTitle')}>
          <Text size="sm">
            {t.rich('pausedText', { on: () => <When key="p" at={detail.paused_on} /> })}{' '}
            {detail.resume_on ? t.rich('resumes', { on: () => <When key="r" at={detail.resume_on} relative /> }) : t('openEnd')}
          </Text>
        </Alert>
      )}
      {[asked, price].map((change) => change && <Open key={change.id} detail={detail} change={change} />)}
    </>
  )
}

function Open({ detail, change }: { detail: Detail; change: Change }) {
  const t = useTranslations('upkeep.standing')
  const kept = useTranslations('upkeep.deeds')
  const refreshed = useRefreshed()
  const may = useMay('subscriptions.manage')
  const [open, setOpen] = useState(false)
  const kind = change.kind === 'price' ? 'price' : change.state === 'scheduled' ? 'scheduled' : 'waiting'
  const deed: Deed = {
    title: t('withdrawTitle'),
    text: t(`withdraw.${kind}`),
    submit: t('withdrawSubmit'),
    done: t('withdrawDone'),
    hint: kept('kept'),
    danger: true,
    run: (reason) => refreshed(withdraw(detail.id, change.id, reason)),
  }
  return (
    <Alert color={kind === 'waiting' ? 'orange' : 'blue'} title={t(`${kind}.title`, { to: change.plan_name ?? detail.plan_name })}>
      <Text size="sm">
        {t.rich(`${kind}.text`, {
          now: () => <Money key="n" value={change.now_net} />,
          next: () => <Money key="x" value={change.next_charge} />,
          on: () => <When key="o" at={change.effective_on} relative />,
          until: () => <When key="u" at={change.valid_until} relative />,
        })}
      </Text>
      <Text size="sm" c="dimmed">
        {t.rich('asked', { on: () => <When key="a" at={change.created_at} time />, who: () => <ActorName key="w" actor={change.asked_by} /> })}
        {change.reason && ` ${t('why', { reason: change.reason })}`}
      </Text>
      {may && (
        <Button size="xs" variant="default" mt="xs" onClick={() => setOpen(true)}>
          {t('withdrawOpen')}
        </Button>
      )}
      {open && <ReasonDialog deed={deed} onClose={() => setOpen(false)} />}
    </Alert>
  )
}
