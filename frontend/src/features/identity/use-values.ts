'use client'

import { useState } from 'react'

interface TextEvent {
  currentTarget: { value: string }
}

/** The texts of a form, and what binds an input to one of them. */
export function useValues<Name extends string>(initial: Record<Name, string>) {
  const [values, setValues] = useState(initial)
  const bind = (name: Name, faults: Record<string, string>) => ({
    value: values[name],
    error: faults[name],
    required: true,
    onChange: (event: TextEvent) => {
      const typed = event.currentTarget.value
      setValues((before) => ({ ...before, [name]: typed }))
    },
  })
  return { values, bind }
}
