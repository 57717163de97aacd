'use client'

import { Alert, Box, Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { api, take } from '@/api/client'
import { ProblemAlert } from '@/components/problem-alert'
import { useMe } from './session'

const LOOK_EACH = 5000

/** The address is not confirmed yet: what that means here, and the mail once more. */
export function ConfirmAddress({ text }: { text: string }) {
  const t = useTranslations('common.unverified')
  // It is confirmed in another tab or on another device: look whether it was.
  useMe(LOOK_EACH)
  const again = useMutation({ mutationFn: () => take(api.POST('/api/v1/auth/verify-email/resend')) })
  return (
    <Alert color="orange" title={t('title')} role="status">
      {text}
      <Box mt="xs" aria-live="polite">
        {again.isSuccess ? (
          t('sent')
        ) : (
          <Button size="xs" variant="default" onClick={() => again.mutate()} loading={again.isPending}>
            {t('again')}
          </Button>
        )}
      </Box>
      {again.error && <ProblemAlert error={again.error} />}
    </Alert>
  )
}
