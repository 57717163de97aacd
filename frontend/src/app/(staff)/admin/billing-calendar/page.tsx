import type { Metadata } from 'next'
import { Suspense } from 'react'
import { CalendarPage } from '@/features/staff/upkeep/calendar-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('billingCalendar') }
}

export default function Page() {
  return (
    <Suspense>
      <CalendarPage />
    </Suspense>
  )
}
