'use client'

import { Alert, Button, Text } from '@mantine/core'
import { IconAlertTriangle, IconCloudOff } from '@tabler/icons-react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { asProblem, type FieldProblem } from '@/api/client'
import { type Faults, isAllAtFields } from './form/faults'

const KNOWN = new Set([0, 401, 403, 404, 409, 422, 429])

interface ProblemAlertProps {
  error: unknown
  title?: string
  retry?: () => void
  /** The faults to list; without: all of the problem's. */
  faults?: FieldProblem[]
  children?: ReactNode
}

/** What happened in the API's words, and what to do. Where nobody answers nothing has failed yet: a calm color. */
export function ProblemAlert({ error, title, retry, faults, children }: ProblemAlertProps) {
  const t = useTranslations('common.problem')
  const problem = asProblem(error)
  const away = problem.status === 0
  const kind = KNOWN.has(problem.status) ? String(problem.status) : 'other'
  const listed = faults ?? problem.fields
  const icon = away ? <IconCloudOff aria-hidden /> : <IconAlertTriangle aria-hidden />
  return (
    <Alert color={away ? 'orange' : 'red'} role="alert" icon={icon} title={away ? t('title.0') : (title ?? t(`title.${kind}`))}>
      <Text size="sm">{(problem.code !== 'invalid' && problem.detail) || t(`text.${kind}`)}</Text>
      {listed.length > 0 && (
        <ul className="np-list">
          {listed.map((fault) => (
            <li key={fault.field + fault.message}>{fault.message}</li>
          ))}
        </ul>
      )}
      {children}
      {problem.correlation && problem.status >= 500 && (
        <Text size="xs" mt={6}>
          {t('reference', { id: problem.correlation })}
        </Text>
      )}
      {retry && (
        <Button mt="sm" size="xs" variant="default" onClick={retry}>
          {t('retry')}
        </Button>
      )}
    </Alert>
  )
}

/** Above a form: only what belongs to none of its fields. */
export function FormProblem({ error, faults, title, children }: { error: unknown; faults: Faults; title?: string; children?: ReactNode }) {
  if (!error || isAllAtFields(faults)) return null
  return (
    <ProblemAlert error={error} title={title} faults={faults.rest}>
      {children}
    </ProblemAlert>
  )
}
