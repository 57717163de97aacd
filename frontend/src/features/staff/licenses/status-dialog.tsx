'use client'

import { NativeSelect, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { Problem } from '@/api/client'
import { type Deed, ReasonDialog } from '../reason-dialog'
import { useWords } from '../words'
import { changeStatus, type StaffLicense, type StatusChange } from './queries'

type Status = StatusChange['status']
const REASONS = ['unpaid', 'abuse', 'fraud', 'legal'] as const

/** The statuses that a license can be given, the mildest first. */
export function statusesFor(license: Pick<StaffLicense, 'status' | 'suspension_reasons'>): Status[] {
  if (license.status === 'cancelled') return []
  const free = REASONS.some((reason) => !license.suspension_reasons.includes(reason))
  return [...(license.suspension_reasons.length > 0 ? (['active'] as const) : []), ...(free ? (['suspended'] as const) : []), 'cancelled']
}

/** Suspends for a reason, takes one reason back, or cancels for good. */
export function StatusDialog({ license, onClose }: { license: StaffLicense; onClose: () => void }) {
  const t = useTranslations('staff.license')
  const words = useWords('reason')
  const statuses = statusesFor(license)
  const [status, setStatus] = useState<Status>(statuses[0] ?? 'cancelled')
  const [chosen, setChosen] = useState('')
  const [typed, setTyped] = useState('')
  const reasons = REASONS.filter((reason) => license.suspension_reasons.includes(reason) === (status === 'active'))
  const reason = reasons.find((each) => each === chosen) ?? reasons[0]
  const left = license.suspension_reasons.filter((each) => each !== reason)
  const ending = license.key_hint.split('-').at(-1) ?? ''
  const deed: Deed = {
    title: t('status.title'),
    text: t(`status.will_${status}`, { left: left.map((each) => words(each)).join(', '), count: left.length }),
    submit: t(`status.do_${status}`),
    done: t(`status.done_${status}`),
    danger: status !== 'active',
    reasonName: 'note',
    hint: t('kept'),
    names: ['status', 'reason', 'confirm'],
    run: (note) => {
      const isSure = status !== 'cancelled' || typed.trim().toUpperCase() === ending
      if (!isSure) throw new Problem(422, 'invalid', '', [{ field: 'confirm', message: t('status.confirmWrong', { ending }) }])
      return changeStatus(license.id, status === 'cancelled' ? { status } : { status, reason }, note)
    },
    fields: (faults) => (
      <>
        <NativeSelect
          size="sm"
          data-autofocus
          label={t('status.what')}
          value={status}
          error={faults.status}
          onChange={(event) => setStatus(event.currentTarget.value as Status)}
          data={statuses.map((value) => ({ value, label: t(`status.do_${value}`) }))}
        />
        {status !== 'cancelled' && (
          <NativeSelect
            size="sm"
            label={t(`status.why_${status}`)}
            value={reason}
            error={faults.reason}
            onChange={(event) => setChosen(event.currentTarget.value)}
            data={reasons.map((value) => ({ value, label: words(value) }))}
          />
        )}
        {status === 'cancelled' && (
          <TextInput
            size="sm"
            label={t('status.confirm', { ending })}
            description={t('status.confirmHint')}
            value={typed}
            error={faults.confirm}
            autoComplete="off"
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
      </>
    ),
  }
  return <ReasonDialog deed={deed} onClose={onClose} />
}
