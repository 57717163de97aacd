'use client'

import type { ReactNode } from 'react'
import type { MoneyBody } from '@/api/client'
import { Money } from '@/components/money'
import classes from './cart.module.css'

interface AmountProps {
  text: ReactNode
  value?: MoneyBody | null
  /** Of a line above: smaller and set in. */
  part?: boolean
  aside?: boolean
  children?: ReactNode
}

/** One row of a summary: what, and how much. */
export function Amount({ text, value, part, aside, children }: AmountProps) {
  return (
    <div className={part ? classes.part : classes.line}>
      <span className={aside || part ? 'np-aside np-break' : 'np-break'}>{text}</span>
      {value ? <Money value={value} /> : children}
    </div>
  )
}
