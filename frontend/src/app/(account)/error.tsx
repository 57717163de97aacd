'use client'

import { PageError } from '@/components/page-error'

/** The frame stays, so that people can go elsewhere. */
export default function FramedError({ reset }: { error: Error; reset: () => void }) {
  return <PageError reset={reset} />
}
