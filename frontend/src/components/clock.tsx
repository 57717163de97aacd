'use client'

import { createContext, type ReactNode, useContext, useMemo } from 'react'

const AheadContext = createContext(0)

/** `now`: the shop's time as the page was made. A sandbox may be months ahead of the reader's clock, and a reader's clock may be wrong. */
export function ClockProvider({ now, children }: { now: string; children: ReactNode }) {
  const ahead = useMemo(() => aheadOf(now, Date.now()), [now])
  return <AheadContext value={ahead}>{children}</AheadContext>
}

/** By how many milliseconds the shop is ahead of this machine; 0 where nobody told its time. */
export function aheadOf(told: string, here: number): number {
  return (Date.parse(told) || here) - here
}

/** What time it is for the shop: what is due, expired or over is so by this clock. */
export function useNow(): number {
  return Date.now() + useContext(AheadContext)
}
