'use client'

import { useFormatter } from 'next-intl'
import { useNow } from '@/components/clock'

/** To the second, with the day where it is not today: what machines do lies close together. */
export function Moment({ at }: { at: string }) {
  const format = useFormatter()
  const timeZone = typeof window === 'undefined' ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone
  const date = new Date(at)
  const today = date.toDateString() === new Date(useNow()).toDateString()
  const day = today ? {} : ({ day: '2-digit', month: 'short' } as const)
  return (
    <time dateTime={at} title={at} suppressHydrationWarning>
      {format.dateTime(date, { ...day, hour: '2-digit', minute: '2-digit', second: '2-digit', timeZone })}
    </time>
  )
}
