'use client'

import { Card, Group, NativeSelect, SegmentedControl, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useFormatter, useTranslations } from 'next-intl'
import { useState } from 'react'
import { LevelsChart } from '@/components/charts/levels-chart'
import { useNow } from '@/components/clock'
import { DataTable } from '@/components/data-table'
import { ProblemAlert } from '@/components/problem-alert'
import { type Quota, type UsageDay, type UsageHistory, useHistory, useReport } from './queries'
import { fillForward, firstOf, fullest } from './use'
import { useName } from './words'

const RANGES = ['30', '90', '365']
/** Beyond that a day of the year comes twice. */
const MONTHS_LONG = 300

/** What became of the use: a line by day of one resource, and the figures of all. */
export function UseHistory({ id, quotas }: { id: string; quotas: readonly Quota[] }) {
  const t = useTranslations('licenses.history')
  const name = useName('resource')
  const [days, setDays] = useState(30)
  const [chosen, choose] = useState('')
  const present = useNow()
  const [now] = useState(present)
  const from = firstOf(days, now)
  const history = useHistory(id, from)
  const quota = quotas.find((each) => each.resource === chosen) ?? fullest(quotas) ?? quotas[0]
  if (!quota) return null
  return (
    <Stack gap="md">
      <Card component="section" aria-labelledby="history">
        <Group justify="space-between" align="flex-end" mb="md" gap="sm">
          <div>
            <Title order={2} fz={18} id="history">
              {t('title')}
            </Title>
            <Text size="sm" c="dimmed">
              {t('text', { resource: name(quota.resource) })}
            </Text>
          </div>
          <Group gap="sm">
            <NativeSelect
              size="sm"
              aria-label={t('resource')}
              value={quota.resource}
              onChange={(event) => choose(event.currentTarget.value)}
              data={quotas.map(({ resource }) => ({ value: resource, label: name(resource) }))}
            />
            <SegmentedControl
              size="sm"
              aria-label={t('range')}
              value={String(days)}
              onChange={(value) => setDays(Number(value))}
              data={RANGES.map((value) => ({ value, label: t('days', { days: value }) }))}
            />
          </Group>
        </Group>
        {history.error && <ProblemAlert error={history.error} retry={() => void history.refetch()} />}
        {!history.data && !history.error && <Skeleton height={220} radius="md" />}
        {history.data && <Drawing history={history.data} quota={quota} days={days} />}
      </Card>
      <Report id={id} from={from} days={days} />
    </Stack>
  )
}

function Drawing({ history, quota, days }: { history: UsageHistory; quota: Quota; days: number }) {
  const t = useTranslations('licenses.history')
  const format = useFormatter()
  const changes = history.days.filter((day) => day.resource === quota.resource)
  if (changes.length === 0 && quota.used === 0)
    return (
      <Stack gap={4} align="center" ta="center" py={48}>
        <Text fw={600}>{t('empty')}</Text>
        <Text c="dimmed" size="sm" maw={420}>
          {t('emptyText')}
        </Text>
      </Stack>
    )
  const year = days > MONTHS_LONG ? ({ year: '2-digit' } as const) : {}
  const words = (day: string) => format.dateTime(new Date(day), { day: 'numeric', month: 'short', ...year, timeZone: 'UTC' })
  const points = fillForward(history.days, quota.resource, history, quota.used)
  return (
    <>
      <LevelsChart
        bars={points.map(({ day, used }) => ({ label: words(day), value: used }))}
        series={t('used')}
        format={(value) => format.number(value)}
        limit={quota.limit === null ? undefined : { value: quota.limit, label: t('limit', { limit: quota.limit }) }}
      />
      {changes.length === 0 ? (
        <Text size="sm" c="dimmed" mt="xs">
          {t('unchanged', { days })}
        </Text>
      ) : (
        <Spoken changes={changes} />
      )}
    </>
  )
}

/** The same as the drawing, for who does not see it. */
function Spoken({ changes }: { changes: UsageDay[] }) {
  const t = useTranslations('licenses.history')
  const format = useFormatter()
  const resource = useName('resource')(changes[0]?.resource ?? '')
  const heads = ['day', 'used', 'peak', 'created', 'deleted'] as const
  return (
    <div className="np-unseen">
      <table>
        <caption>{t('table', { resource })}</caption>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {t(head)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {changes.map((change) => (
            <tr key={change.day}>
              <th scope="row">{format.dateTime(new Date(change.day), { dateStyle: 'medium', timeZone: 'UTC' })}</th>
              <td>{change.used}</td>
              <td>{change.peak}</td>
              <td>{change.created}</td>
              <td>{change.deleted}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Report({ id, from, days }: { id: string; from: string; days: number }) {
  const t = useTranslations('licenses.report')
  const format = useFormatter()
  const name = useName('resource')
  const { data, error, refetch } = useReport(id, from)
  const title = t('title', { days })
  return (
    <section aria-label={title}>
      <Title order={2} fz={18} mb="sm">
        {title}
      </Title>
      {error ? (
        <ProblemAlert error={error} retry={() => void refetch()} />
      ) : (
        <DataTable
          label={title}
          rows={data?.resources}
          rowKey={(row) => row.resource}
          columns={[
            { key: 'resource', title: t('resource'), render: (row) => <strong>{name(row.resource)}</strong> },
            { key: 'created', title: t('created'), number: true, render: (row) => format.number(row.created) },
            { key: 'deleted', title: t('deleted'), number: true, render: (row) => format.number(row.deleted) },
            { key: 'peak', title: t('peak'), number: true, render: (row) => format.number(row.peak) },
            {
              key: 'highest',
              title: t('highest'),
              number: true,
              render: (row) => (row.highest_percent === null ? '–' : format.number(row.highest_percent / 100, { style: 'percent' })),
            },
          ]}
        />
      )}
    </section>
  )
}
