'use client'

import { Card, Skeleton } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useTranslations } from 'next-intl'
import { PageHeader } from '@/components/page-header'
import { ProblemAlert } from '@/components/problem-alert'
import { DetailsForm } from './details-form'
import { useProfile } from './queries'

export function ProfilePage() {
  const t = useTranslations('account.profile')
  const { data, error, refetch } = useProfile()
  return (
    <>
      <PageHeader title={t('title')} text={data ? t('text', { number: data.number, email: data.email }) : undefined} />
      {error && <ProblemAlert error={error} retry={() => refetch()} />}
      {!data && !error && <Skeleton height={420} radius="lg" />}
      {data && (
        <Card maw={640}>
          <DetailsForm customer={data} submit={t('save')} onSaved={() => notifications.show({ message: t('saved'), color: 'green' })} />
        </Card>
      )}
    </>
  )
}
