'use client'

import { Alert, Button, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { asProblem } from '@/api/client'

const KNOWN = new Set([0, 401, 403, 404, 409, 422, 429])

interface ProblemAlertProps {
  error: unknown
  title?: string
  retry?: () => void
  children?: ReactNode
}

/** What happened in the API's words, and what to do. */
export function ProblemAlert({ error, title, retry, children }: ProblemAlertProps) {
  const t = useTranslations('common.problem')
  const problem = asProblem(error)
  const kind = KNOWN.has(problem.status) ? String(problem.status) : 'other'
  return (
    <Alert color="red" role="alert" icon={<IconAlertTriangle aria-hidden />} title={title ?? t(`title.${kind}`)}>
      <Text size="sm">{problem.detail || t(`text.${kind}`)}</Text>
      {problem.fields.length > 0 && (
        <ul className="np-list">
          {problem.fields.map((fault) => (
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
