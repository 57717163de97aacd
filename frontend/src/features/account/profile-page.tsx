'use client'

import { Card, Skeleton, Stack, Title } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useTranslations } from 'next-intl'
import { PageHeader } from '@/components/page-header'
import { ProblemAlert } from '@/components/problem-alert'
import { DetailsForm } from './details-form'
import { DocumentsForm } from './documents-form'
import { useProfile } from './queries'
import { TaxIdStanding } from './tax-id-standing'

export function ProfilePage() {
  const t = useTranslations('account.profile')
  const { data, error, refetch } = useProfile()
  const saved = () => notifications.show({ message: t('saved'), color: 'green' })
  return (
    <>
      <PageHeader title={t('title')} text={data ? t('text', { number: data.number, email: data.email }) : undefined} />
      {error && <ProblemAlert error={error} retry={() => refetch()} />}
      {!data && !error && <Skeleton height={420} radius="lg" />}
      {data && (
        <Stack maw={640}>
          <Card>
            <DetailsForm customer={data} submit={t('save')} onSaved={saved} />
          </Card>
          {data.status === 'business' && data.tax_id && (
            <Card component="section" aria-label={t('taxId')}>
              <Title order={2} fz={18} mb="xs">
                {t('taxId')}
              </Title>
              <TaxIdStanding taxId={data.tax_id} />
            </Card>
          )}
          <Card component="section" aria-label={t('documents')}>
            <Title order={2} fz={18} mb="md">
              {t('documents')}
            </Title>
            <DocumentsForm customer={data} onSaved={saved} />
          </Card>
        </Stack>
      )}
    </>
  )
}
