'use client'

import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { Me } from '@/api/session'
import { onLeaveElsewhere, onLoginElsewhere, onSessionEnd } from '@/api/session-end'
import { ME } from './session'

/**
 * Keeps the page in step with the session: its end is seen here, in other tabs, and when the back button brings
 * an old page up again, whose orders may be paid and whose owner may have left meanwhile. Where somebody else logs in
 * in another tab, the page is loaded anew as theirs.
 */
export function SessionWatch() {
  const queries = useQueryClient()
  useEffect(() => {
    const gone = () => queries.setQueryData(ME, null)
    const left = () => {
      gone()
      // Only the rest: whoever shows the login must hear that there is none, and a query taken away tells nobody.
      queries.removeQueries({ predicate: (query) => query.queryKey[0] !== ME[0] })
    }
    const replaced = (id: string, former: string | null) => {
      const shownTo = queries.getQueryData<Me | null>(ME)?.id ?? former
      if (shownTo && shownTo !== id) window.location.reload()
    }
    const shown = (event: PageTransitionEvent) => {
      if (event.persisted && queries.getQueryData<Me | null>(ME)) window.location.reload()
    }
    const ends = [onSessionEnd(gone), onLeaveElsewhere(left), onLoginElsewhere(replaced)]
    window.addEventListener('pageshow', shown)
    return () => {
      for (const end of ends) end()
      window.removeEventListener('pageshow', shown)
    }
  }, [queries])
  return null
}
