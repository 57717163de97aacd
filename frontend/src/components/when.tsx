'use client'

import { useFormatter, useLocale, useTranslations } from 'next-intl'
import { useNow } from './clock'

const DAY = 86_400_000

/** A date; with `relative`, how far away it is beside it. Times are the reader's own. */
export function When({ at, time = false, relative = false }: { at: string | null | undefined; time?: boolean; relative?: boolean }) {
  const format = useFormatter()
  const t = useTranslations('common')
  const now = useNow()
  const locale = useLocale()
  if (!at) return <span>{t('none')}</span>
  const dateOnly = at.length === 10
  const timeZone = dateOnly || typeof window === 'undefined' ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone
  const date = new Date(at)
  // A day is as far away as the calendar says, a moment as the clock does.
  const days = Math.round((date.getTime() - (dateOnly ? Math.floor(now / DAY) * DAY : now)) / DAY)
  return (
    <time dateTime={at} suppressHydrationWarning>
      {format.dateTime(date, { dateStyle: 'medium', ...(time ? { timeStyle: 'short' } : {}), timeZone })}
      {relative && days >= 0 && days <= 60 ? (
        <span className="np-aside"> · {new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(days, 'day')}</span>
      ) : null}
    </time>
  )
}
