'use client'

import { useMutation } from '@tanstack/react-query'
import { useRef } from 'react'

interface Once<In, Out> {
  mutationFn: (input: In) => Promise<Out>
  onSuccess?: (out: Out, input: In) => void
  onError?: (error: Error) => void
}

/** What must not happen twice: a second press does nothing while the first is under way, also before the button was drawn as busy. */
export function useOnce<Out, In = void>({ mutationFn, onSuccess, onError }: Once<In, Out>) {
  const busy = useRef(false)
  const done = () => {
    busy.current = false
  }
  const mutation = useMutation<Out, Error, In>({ mutationFn, onSuccess, onError, onSettled: done })
  const send = (input: In) => {
    if (busy.current) return
    busy.current = true
    mutation.mutate(input)
  }
  return { send, error: mutation.error, isPending: mutation.isPending }
}
