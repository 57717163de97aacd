'use client'

import { type Dispatch, type SetStateAction, useEffect, useRef, useState } from 'react'
import { onSessionEnd } from '@/api/session-end'

const PREFIX = 'np_draft:'

interface Draft<Values> {
  owner: string
  values: Values
}

export function readDraft<Values>(name: string, owner: string): Values | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(PREFIX + name) ?? 'null') as Draft<Values> | null
    return kept?.owner === owner ? kept.values : null
  } catch {
    // Not our writing: as if there were none.
    return null
  }
}

export function keepDraft<Values>(name: string, draft: Draft<Values>): void {
  sessionStorage.setItem(PREFIX + name, JSON.stringify(draft))
}

export function dropDraft(name: string): void {
  sessionStorage.removeItem(PREFIX + name)
}

/**
 * A form's values. Should the session end while somebody types, they are kept in this tab until the same customer is back.
 * Never for passwords.
 */
export function useDraft<Values extends object>(name: string, owner: string, initial: Values): [Values, Dispatch<SetStateAction<Values>>] {
  const [values, setValues] = useState<Values>(() => ({ ...initial, ...readDraft<Values>(name, owner) }))
  const latest = useRef(values)
  useEffect(() => {
    latest.current = values
  }, [values])
  useEffect(() => {
    dropDraft(name)
    return onSessionEnd(() => keepDraft(name, { owner, values: latest.current }))
  }, [name, owner])
  return [values, setValues]
}
