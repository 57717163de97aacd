'use client'

import { Button, Group, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { Problem } from '@/api/client'
import { useNow } from '@/components/clock'
import { When } from '@/components/when'
import { type Deed, ReasonDialog } from '../reason-dialog'
import { extend, type StaffLicense } from './queries'

const DAY = 86_400_000
const STEPS = [7, 14, 30]

/** From the present end, or from today where that has passed. */
export function laterBy(days: number, expiresAt: string | null, now: number): string {
  const from = Math.max(now, expiresAt ? Date.parse(expiresAt) : now)
  return new Date(from + days * DAY).toISOString().slice(0, 10)
}

export function ExtendDialog({ license, onClose }: { license: StaffLicense; onClose: () => void }) {
  const t = useTranslations('staff.license.extend')
  const kept = useTranslations('staff.license')
  const now = useNow()
  const [day, setDay] = useState(() => laterBy(STEPS[0] ?? 0, license.expires_at, now))
  const deed: Deed = {
    hint: kept('kept'),
    title: t('title'),
    text: t.rich('text', { end: () => <When at={license.expires_at} /> }),
    submit: t('submit'),
    done: t('done'),
    names: ['expires_at'],
    run: (reason) => {
      if (!day) throw new Problem(422, 'invalid', '', [{ field: 'expires_at', message: t('missing') }])
      // The API never moves an end back, and would say nothing.
      if (license.expires_at && Date.parse(day) <= Date.parse(license.expires_at))
        throw new Problem(422, 'invalid', '', [{ field: 'expires_at', message: t('earlier') }])
      return extend(license.id, `${day}T00:00:00Z`, reason)
    },
    fields: (faults) => (
      <div>
        <TextInput
          type="date"
          size="sm"
          data-autofocus
          label={t('until')}
          description={t('untilHint')}
          value={day}
          error={faults.expires_at}
          onChange={(event) => setDay(event.currentTarget.value)}
          required
        />
        <Group gap="xs" mt="xs">
          {STEPS.map((days) => (
            <Button key={days} variant="default" size="compact-sm" onClick={() => setDay(laterBy(days, license.expires_at, now))}>
              {t('by', { days })}
            </Button>
          ))}
        </Group>
      </div>
    ),
  }
  return <ReasonDialog deed={deed} onClose={onClose} />
}
