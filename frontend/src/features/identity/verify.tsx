'use client'

import { Button, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useSearchParams } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { api, take } from '@/api/client'
import { FormHead } from '@/components/form/form-head'
import Link from '@/components/link'
import { ProblemAlert } from '@/components/problem-alert'
import { ME } from './session'

/** Mail scanners open links too: opening changes nothing, the button does. */
export function VerifyPage() {
  const t = useTranslations('auth')
  const token = useSearchParams().get('token') ?? ''
  const queries = useQueryClient()
  const verify = useMutation({
    mutationFn: () => take(api.POST('/api/v1/auth/verify-email', { body: { token } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ME }),
  })
  if (verify.isSuccess)
    return (
      <>
        <FormHead title={t('verify.done')} text={t('verify.doneText')} />
        <Button component={Link} href="/dashboard">
          {t('toAccount')}
        </Button>
      </>
    )
  return (
    <>
      <FormHead title={t('verify.title')} text={t('verify.text')} />
      <Stack>
        {verify.error && (
          <ProblemAlert error={verify.error}>
            <Text size="sm" mt={6}>
              {t('verify.another')}
            </Text>
          </ProblemAlert>
        )}
        <Button onClick={() => verify.mutate()} loading={verify.isPending} fullWidth>
          {t('verify.submit')}
        </Button>
      </Stack>
    </>
  )
}
