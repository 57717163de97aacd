'use client'

import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { Me } from '@/api/session'
import { onLeaveElsewhere, onSessionEnd } from '@/api/session-end'
import { ME } from './session'

/**
 * Keeps the page in step with the session: its end is seen here, in other tabs, and when the back button brings
 * an old page up again, whose orders may be paid and whose owner may have left meanwhile.
 */
export function SessionWatch() {
  const queries = useQueryClient()
  useEffect(() => {
    const gone = () => queries.setQueryData(ME, null)
    const shown = (event: PageTransitionEvent) => {
      if (event.persisted && queries.getQueryData<Me | null>(ME)) window.location.reload()
    }
    const ends = [onSessionEnd(gone), onLeaveElsewhere(gone)]
    window.addEventListener('pageshow', shown)
    return () => {
      for (const end of ends) end()
      window.removeEventListener('pageshow', shown)
    }
  }, [queries])
  return null
}
