'use client'

import { useId } from 'react'
import classes from './choice.module.css'

interface ChoiceProps<Value extends string> {
  label: string
  value: Value
  onChange: (value: Value) => void
  data: { value: Value; label: string }[]
}

/** One of a few, side by side: the browser's radio buttons, so that it costs a page hardly any script. */
export function Choice<Value extends string>({ label, value, onChange, data }: ChoiceProps<Value>) {
  const name = useId()
  return (
    <fieldset className={classes.choice}>
      <legend className={classes.legend}>{label}</legend>
      {data.map((each) => (
        <label key={each.value} className={classes.part}>
          <input type="radio" name={name} value={each.value} checked={each.value === value} onChange={() => onChange(each.value)} />
          <span>{each.label}</span>
        </label>
      ))}
    </fieldset>
  )
}
