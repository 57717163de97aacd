'use client'

import { useStateWord } from '../state-badge'

/** States as the choices of a filter. */
export function useStates(states: readonly string[]) {
  const word = useStateWord()
  return states.map((value) => ({ value, label: word(value) }))
}
