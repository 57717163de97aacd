'use client'

import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { useMe } from './session'

/** Who is logged in, for pages that are nobody else's: a visitor goes to the login and comes back here. */
export function useKnown() {
  const me = useMe()
  const router = useRouter()
  const gone = me.data === null
  useEffect(() => {
    if (gone) router.replace(`/login?next=${encodeURIComponent(window.location.pathname + window.location.search)}`)
  }, [gone, router])
  return me
}
