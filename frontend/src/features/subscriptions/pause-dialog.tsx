'use client'

import { Text, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { AskDialog } from './ask-dialog'
import { type Detail, deeds, useRefresh } from './queries'

/** It rests until a day; without one, for as long as the shop allows. */
export function PauseDialog({ detail, onClose }: { detail: Detail; onClose: () => void }) {
  const t = useTranslations('subscriptions.pause')
  const refresh = useRefresh(detail.id)
  const [until, setUntil] = useState('')
  return (
    <AskDialog
      title={t('title', { plan: detail.plan_name })}
      submit={t('submit')}
      done={t('done')}
      run={() => deeds.pause(detail.id, until)}
      onDone={refresh}
      onClose={onClose}
    >
      <Text size="sm">{t('text')}</Text>
      <TextInput
        type="date"
        label={t('until')}
        description={t('untilHint', { days: detail.pause_days_max })}
        value={until}
        onChange={(event) => setUntil(event.currentTarget.value)}
      />
    </AskDialog>
  )
}
