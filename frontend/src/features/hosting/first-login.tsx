'use client'

import { Button, Card, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { api, take } from '@/api/client'
import { CopyText } from '@/components/copy-text'
import { Facts } from '@/components/facts'
import { FormHead } from '@/components/form/form-head'
import { ProblemAlert } from '@/components/problem-alert'
import { webAddress } from '@/lib/address'

/** The password is shown once, upon the button; opening the link shows nothing. */
export function FirstLogin({ token }: { token: string }) {
  const t = useTranslations('auth')
  const reveal = useMutation({ mutationFn: () => take(api.POST('/api/v1/hosting/first-login', { body: { token } })) })
  const login = reveal.data
  if (!login)
    return (
      <>
        <FormHead title={t('welcome.title')} text={t('welcome.text')} />
        <Stack>
          {reveal.error && <ProblemAlert error={reveal.error} />}
          <Button onClick={() => reveal.mutate()} loading={reveal.isPending}>
            {t('welcome.submit')}
          </Button>
        </Stack>
      </>
    )
  return (
    <>
      <FormHead title={t('welcome.shown')} text={t('welcome.shownText')} />
      <Card>
        <Facts
          of={[
            [t('welcome.domain'), login.domain],
            [t('welcome.username'), <CopyText key="u" value={login.username} what={t('welcome.username')} />],
            [t('password'), <CopyText key="p" value={login.password} what={t('password')} />],
          ]}
        />
      </Card>
      <Text size="sm" c="dimmed" my="md">
        {t('welcome.change')}
      </Text>
      <Button component="a" href={webAddress(login.login_url)} rel="noreferrer">
        {t('welcome.open')}
      </Button>
    </>
  )
}
