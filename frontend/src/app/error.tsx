'use client'

import { PageError } from '@/components/page-error'

export default function RootError({ reset }: { error: Error; reset: () => void }) {
  return (
    <main>
      <PageError reset={reset} />
    </main>
  )
}
