'use client'

import { Loader } from '@mantine/core'
import { IconAlertTriangle, IconCheck, IconMinus, IconX } from '@tabler/icons-react'
import { useFormatter, useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import type { Step, StepState } from './course'
import classes from './orders.module.css'

const SIGNS: Record<StepState, ReactNode> = {
  done: <IconCheck size={20} stroke={2.5} />,
  working: <Loader size={18} />,
  attention: <IconAlertTriangle size={18} />,
  waiting: <IconMinus size={16} />,
  cancelled: <IconX size={18} />,
}

/** `free`: there was nothing to pay, so that the first step is no payment. */
export function CourseLine({ steps, free }: { steps: Step[]; free: boolean }) {
  const t = useTranslations('orders.course')
  const format = useFormatter()
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const text = (step: Step) => {
    if (step.reason && step.state !== 'done' && t.has(`reason.${step.reason}`)) return t(`reason.${step.reason}`)
    return step.name === 'paid' && free && step.state === 'done' ? t('free.done') : t(`${step.name}.${step.state}`)
  }
  return (
    <ol className={classes.course} aria-live="polite" aria-label={t('label')}>
      {steps.map((step) => (
        <li key={step.name} className={classes.step} data-state={step.state}>
          <span className={classes.dot} aria-hidden>
            {SIGNS[step.state]}
          </span>
          <span className={classes.name}>{step.name === 'paid' && free ? t('free.name') : t(`${step.name}.name`)}</span>
          <span className={classes.what}>
            {text(step)}
            {step.state === 'done' && step.at ? ` · ${format.dateTime(new Date(step.at), { timeStyle: 'short', timeZone })}` : ''}
          </span>
        </li>
      ))}
    </ol>
  )
}
