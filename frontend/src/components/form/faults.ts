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
  for (const fault of asProblem(error).fields) {
    const name = [fault.field, fault.field.split('.').at(-1) ?? ''].find((each) => names.includes(each))
    if (name) found.fields[name] = fault.message
    else found.rest.push(fault)
  }
  return found
}

/** Puts the cursor into the first field that is marked as wrong. */
export function focusFirstFault(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
}
