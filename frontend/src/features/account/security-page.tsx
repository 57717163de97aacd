'use client'

import { Stack } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { PageHeader } from '@/components/page-header'
import { PasswordCard } from './password-card'
import { Sessions } from './sessions'

export function SecurityPage() {
  const t = useTranslations('account.security')
  return (
    <>
      <PageHeader title={t('title')} />
      <Stack gap="xl">
        <PasswordCard />
        <Sessions />
      </Stack>
    </>
  )
}
