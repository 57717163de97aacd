'use client'

import { Button, Checkbox, Group, Radio, Stack, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import Link from '@/components/link'
import { useMoney } from '@/components/money'
import { ReasonDialog } from '../dialogs'
import { useMay } from '../queries'
import type { Deed } from '../reason-dialog'
import { cancel, type Detail, mend, pause, reactivate, resume, useRefreshed } from './queries'

type Open = 'cancel' | 'pause' | 'resume' | 'undo' | 'mend'
const CHANGEABLE = ['trialing', 'active']
const LIVING = ['trialing', 'active', 'past_due', 'suspended', 'paused']

/** What staff may do with it now; what its state does not allow is not offered. */
export function SubscriptionDeeds({ detail, waits }: { detail: Detail; waits: boolean }) {
  const t = useTranslations('upkeep.deeds')
  const [open, setOpen] = useState<Open | null>(null)
  if (!useMay('subscriptions.manage')) return null
  const running = CHANGEABLE.includes(detail.status) && !detail.cancel_on
  const offered: [Open, boolean][] = [
    ['mend', Boolean(detail.billing_error)],
    ['undo', Boolean(detail.cancel_on) && LIVING.includes(detail.status)],
    ['resume', detail.status === 'paused'],
    ['pause', running],
    ['cancel', LIVING.includes(detail.status)],
  ]
  return (
    <Group gap="xs">
      {running && !waits && (
        <Button component={Link} href={`/admin/subscriptions/${detail.id}/change`} size="sm">
          {t('change')}
        </Button>
      )}
      {offered
        .filter(([, may]) => may)
        .map(([name]) => (
          <Button key={name} size="sm" variant={name === 'mend' ? 'filled' : 'default'} onClick={() => setOpen(name)}>
            {t(`${name}.open`)}
          </Button>
        ))}
      {open === 'cancel' && <CancelDialog detail={detail} onClose={() => setOpen(null)} />}
      {open === 'pause' && <PauseDialog detail={detail} onClose={() => setOpen(null)} />}
      {(open === 'resume' || open === 'undo' || open === 'mend') && <PlainDialog detail={detail} what={open} onClose={() => setOpen(null)} />}
    </Group>
  )
}

interface DialogProps {
  detail: Detail
  onClose: () => void
}

const RUNS = { resume, undo: reactivate, mend }

function PlainDialog({ detail, what, onClose }: DialogProps & { what: keyof typeof RUNS }) {
  const t = useTranslations(`upkeep.deeds.${what}`)
  const kept = useTranslations('upkeep.deeds')
  const refreshed = useRefreshed()
  const deed: Deed = {
    title: t('title', { plan: detail.plan_name }),
    text: t('text'),
    submit: t('submit'),
    done: t('done'),
    hint: kept('kept'),
    run: (reason) => refreshed(RUNS[what](detail.id, reason)),
  }
  return <ReasonDialog deed={deed} onClose={onClose} />
}

function PauseDialog({ detail, onClose }: DialogProps) {
  const t = useTranslations('upkeep.deeds')
  const refreshed = useRefreshed()
  const [until, setUntil] = useState('')
  const deed: Deed = {
    title: t('pause.title', { plan: detail.plan_name }),
    text: t('pause.text'),
    submit: t('pause.submit'),
    done: t('pause.done'),
    hint: t('kept'),
    names: ['resume_on'],
    run: (reason) => refreshed(pause(detail.id, until, reason)),
    fields: (faults) => (
      <TextInput
        type="date"
        size="sm"
        label={t('pause.until')}
        description={t('pause.untilHint')}
        value={until}
        error={faults.resume_on}
        onChange={(event) => setUntil(event.currentTarget.value)}
      />
    ),
  }
  return <ReasonDialog deed={deed} onClose={onClose} />
}

function CancelDialog({ detail, onClose }: DialogProps) {
  const t = useTranslations('upkeep.deeds')
  const money = useMoney()
  const refreshed = useRefreshed()
  const later = detail.status !== 'paused' && !detail.cancel_on
  const [at, setAt] = useState<'now' | 'period_end'>(later ? 'period_end' : 'now')
  const [credit, setCredit] = useState(true)
  const back = detail.unused ? t('cancel.unused', { amount: money(detail.unused) }) : t('cancel.nothingBack')
  const deed: Deed = {
    title: t('cancel.title', { plan: detail.plan_name }),
    text: t(at === 'now' ? 'cancel.textNow' : 'cancel.textEnd'),
    submit: t(at === 'now' ? 'cancel.submitNow' : 'cancel.submitEnd'),
    done: t('cancel.done'),
    danger: true,
    run: (reason) => refreshed(cancel(detail.id, { at, credit, reason })),
    fields: () => (
      <Stack gap="sm">
        <Radio.Group label={t('cancel.when')} value={at} onChange={(value) => setAt(value === 'now' ? 'now' : 'period_end')}>
          <Stack gap="xs" mt="xs">
            <Radio value="period_end" disabled={!later} label={t('cancel.end')} />
            <Radio value="now" label={t('cancel.now')} />
          </Stack>
        </Radio.Group>
        {at === 'now' && (
          <Checkbox label={t('cancel.credit')} description={back} checked={credit} onChange={(event) => setCredit(event.currentTarget.checked)} />
        )}
      </Stack>
    ),
  }
  return <ReasonDialog deed={deed} onClose={onClose} />
}
