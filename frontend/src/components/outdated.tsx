import type { ReactNode } from 'react'

interface OutdatedProps {
  /** The answer in sight is still that to an earlier question. */
  when: boolean
  children: ReactNode
}

/** Keeps an answer in sight while it is asked anew, so that nothing jumps, and shows that it is not to be relied on. */
export function Outdated({ when, children }: OutdatedProps) {
  return (
    <div className={when ? 'np-outdated' : undefined} aria-busy={when}>
      {children}
    </div>
  )
}
