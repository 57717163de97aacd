import type { Metadata } from 'next'
import { Suspense } from 'react'
import { TasksPage } from '@/features/staff/tax/tasks-page'
import { staffTitle } from '@/i18n/staff'

export async function generateMetadata(): Promise<Metadata> {
  return { title: await staffTitle('taxTasks') }
}

export default function Page() {
  return (
    <Suspense>
      <TasksPage />
    </Suspense>
  )
}
