'use client'

import { Button, Stack } from '@mantine/core'
import type { FormEvent, ReactNode } from 'react'
import { FormProblem } from '../problem-alert'
import { useFaults } from './faults'

interface FormFrameProps {
  /** What the API answered to the last try. */
  error: unknown
  /** The form's fields, by the API's names. */
  names: readonly string[]
  submit: string
  busy: boolean
  onSend: () => void
  wide?: boolean
  alertTitle?: string
  /** Stands in the alert, below what went wrong. */
  alertNote?: ReactNode
  /** Stands in the alert's place where the error is no failure. */
  notice?: ReactNode
  children: (faults: Record<string, string>) => ReactNode
}

/** Fields, a button, and faults where they belong: at their fields, and only the rest above them. */
export function FormFrame({ error, names, submit, busy, onSend, wide, alertTitle, alertNote, notice, children }: FormFrameProps) {
  const faults = useFaults(error, names)
  const send = (event: FormEvent) => {
    event.preventDefault()
    if (!busy) onSend()
  }
  return (
    <form ref={faults.form} onSubmit={send} noValidate>
      <Stack>
        {notice ?? (
          <FormProblem error={error} faults={faults} title={alertTitle}>
            {alertNote}
          </FormProblem>
        )}
        {children(faults.fields)}
        <Button type="submit" loading={busy} fullWidth={wide} style={wide ? undefined : { alignSelf: 'flex-start' }}>
          {submit}
        </Button>
      </Stack>
    </form>
  )
}
