'use client'

import { Radio, Stack, Text, Textarea } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { useMoney } from '@/components/money'
import { When } from '@/components/when'
import { AskDialog } from './ask-dialog'
import { type Detail, deeds, useRefresh } from './queries'
import { nextFrom } from './standing'

/** At the end of what is paid, or now; what comes back is said before. */
export function CancelDialog({ detail, onClose }: { detail: Detail; onClose: () => void }) {
  const t = useTranslations('subscriptions.cancel')
  const money = useMoney()
  const refresh = useRefresh(detail.id)
  const resting = detail.status === 'paused'
  const [at, setAt] = useState<'now' | 'period_end'>(resting ? 'now' : 'period_end')
  const [reason, setReason] = useState('')
  const end = nextFrom(detail)
  const back = detail.unused ? t('unused', { amount: money(detail.unused) }) : t('nothingBack')
  return (
    <AskDialog
      title={t('title', { plan: detail.plan_name })}
      submit={t(at === 'now' ? 'submitNow' : 'submitEnd')}
      done={t(at === 'now' ? 'doneNow' : 'doneEnd')}
      danger
      run={() => deeds.cancel(detail.id, at, reason.trim())}
      onDone={refresh}
      onClose={onClose}
    >
      <Radio.Group label={t('when')} value={at} onChange={(value) => setAt(value === 'now' ? 'now' : 'period_end')}>
        <Stack gap="sm" mt="xs">
          <Radio value="period_end" disabled={resting} label={t('end')} description={resting ? t('endResting') : t('endText')} />
          <Radio value="now" label={t('now')} description={`${t('nowText')} ${back}`} />
        </Stack>
      </Radio.Group>
      {at === 'period_end' && end && <Text size="sm">{t.rich('runsUntil', { on: () => <When key="w" at={end} relative /> })}</Text>}
      <Textarea
        label={t('reason')}
        description={t('reasonHint')}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        maxLength={500}
        autosize
        minRows={2}
      />
    </AskDialog>
  )
}
