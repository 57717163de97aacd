'use client'

import { type RefObject, useEffect, useMemo, useRef } from 'react'
import { asProblem, type FieldProblem } from '@/api/client'

export interface Faults {
  /** At their fields, by the names that the form uses. */
  fields: Record<string, string>
  /** What belongs to no field of the form. */
  rest: FieldProblem[]
}

/** Sorts the API's field errors to the form's fields; a field's last part is its name (`address.city` is `city`). */
export function sortFaults(error: unknown, names: readonly string[]): Faults {
  const found: Faults = { fields: {}, rest: [] }
  if (!error) return found
  for (const fault of asProblem(error).fields) {
    const name = [fault.field, fault.field.split('.').at(-1) ?? ''].find((each) => names.includes(each))
    if (name) found.fields[name] ??= fault.message
    else found.rest.push(fault)
  }
  return found
}

/** True where every word of the problem stands at a field already. */
export function isAllAtFields({ fields, rest }: Faults): boolean {
  return rest.length === 0 && Object.keys(fields).length > 0
}

function focusFirst(within: ParentNode): void {
  within.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
}

/** Puts the cursor into the first field that is marked as wrong, once the marks are drawn. */
export function focusFirstFault(): void {
  requestAnimationFrame(() => focusFirst(document))
}

/** A form's faults; each new refusal moves the focus to the first of them, once they are on the screen. */
export function useFaults(error: unknown, names: readonly string[]): Faults & { form: RefObject<HTMLFormElement | null> } {
  const form = useRef<HTMLFormElement>(null)
  const known = names.join()
  const faults = useMemo(() => sortFaults(error, known.split(',')), [error, known])
  useEffect(() => {
    if (error && form.current) focusFirst(form.current)
  }, [error])
  return { ...faults, form }
}
