'use client'

import { Card, Skeleton, Text, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { ProblemAlert } from '@/components/problem-alert'
import { When } from '@/components/when'
import classes from './licenses.module.css'
import { useAlerts } from './queries'
import { useName } from './words'

/** When which limit was near or reached, newest first. */
export function Alerts({ id }: { id: string }) {
  const t = useTranslations('licenses.alerts')
  const name = useName('resource')
  const { data, error, refetch } = useAlerts(id)
  return (
    <Card component="section" aria-labelledby="alerts">
      <Title order={2} fz={18} mb="sm" id="alerts">
        {t('title')}
      </Title>
      {error && <ProblemAlert error={error} retry={() => void refetch()} />}
      {!data && !error && <Skeleton height={60} />}
      {data?.length === 0 && <Text c="dimmed">{t('none')}</Text>}
      {data && data.length > 0 && (
        <ul className={classes.alerts}>
          {data.map((alert) => (
            <li key={alert.id}>
              <span>
                <strong>{t('line', { resource: name(alert.resource), threshold: alert.threshold })}</strong>{' '}
                <span className="np-aside np-number">{t('figures', { used: alert.used, limit: alert.limit })}</span>
              </span>
              <span className="np-aside">
                <When at={alert.raised_at} time />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
