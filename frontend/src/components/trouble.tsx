'use client'

import { IconLock } from '@tabler/icons-react'
import { useTranslations } from 'next-intl'
import { asProblem } from '@/api/client'
import { EmptyState } from './empty-state'
import { ProblemAlert } from './problem-alert'

/** What a login may not see is no fault: it is said calmly. Anything else is told as a problem. */
export function Trouble({ error, retry }: { error: unknown; retry?: () => void }) {
  const t = useTranslations('staff.denied')
  const problem = asProblem(error)
  if (problem.status === 403) return <EmptyState icon={<IconLock />} title={t('title')} text={t('text')} />
  return <ProblemAlert error={error} retry={retry} />
}
