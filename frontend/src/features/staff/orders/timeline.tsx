'use client'

import { Card, Group, NativeSelect, Text, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { parseAsString, useQueryState } from 'nuqs'
import { CopyText } from '@/components/copy-text'
import { ActorName } from '../lists/audit-list'
import { StateBadge } from '../state-badge'
import { useWords } from '../words'
import { Moment } from './moment'
import classes from './orders.module.css'
import type { Entry, Timeline as TimelineBody } from './queries'
import { useDetail } from './use-detail'

const KINDS = ['event', 'payment', 'refund', 'webhook', 'step', 'look', 'call', 'mail', 'staff'] as const

/** Everything that happened, newest first, each with its outcome, who acts next and the vendor's own reference. */
export function Timeline({ timeline }: { timeline: TimelineBody }) {
  const t = useTranslations('staff.timeline')
  const [kind, setKind] = useQueryState('kind', parseAsString.withDefault('').withOptions({ history: 'push' }))
  const there = KINDS.filter((each) => timeline.entries.some((entry) => entry.kind === each))
  const shown = kind ? timeline.entries.filter((entry) => entry.kind === kind) : timeline.entries
  return (
    <Card component="section" padding={0} aria-labelledby="timeline">
      <Group justify="space-between" p="sm" px="md">
        <Title order={2} fz={16} id="timeline">
          {t('title')}
        </Title>
        <NativeSelect
          size="xs"
          aria-label={t('filter')}
          value={kind}
          onChange={(event) => void setKind(event.currentTarget.value || null)}
          data={[{ value: '', label: t('all', { count: timeline.entries.length }) }, ...there.map((value) => ({ value, label: t(`kind.${value}`) }))]}
        />
      </Group>
      <ol className={classes.timeline}>
        {shown.map((entry) => (
          <Line key={`${entry.kind}${entry.id}`} entry={entry} />
        ))}
      </ol>
      {shown.length === 0 && (
        <Text c="dimmed" p="md">
          {t('none')}
        </Text>
      )}
      {timeline.truncated && (
        <Text size="sm" c="dimmed" p="md">
          {t('truncated')}
        </Text>
      )}
    </Card>
  )
}

function Line({ entry }: { entry: Entry }) {
  const t = useTranslations('staff.timeline')
  const what = useWords('what')
  const cause = useWords('reason')
  const name = entry.kind === 'mail' ? what(`mail_${entry.what}`, entry.what) : what(entry.what)
  const detail = useDetail()
  const told = [cause(entry.reason), detail(entry.detail)].filter(Boolean)
  return (
    <li className={classes.entry} data-who={entry.who ?? undefined}>
      <span className={classes.time}>
        <Moment at={entry.at} />
      </span>
      <span className={classes.kind}>{t(`kind.${entry.kind}`)}</span>
      <div className={classes.told}>
        <span className={classes.what} title={entry.what}>
          {name}
        </span>{' '}
        {entry.state && <StateBadge state={entry.state} />}
        {entry.who && <span className={classes.next}>{t('next', { who: t(`who.${entry.who}`) })}</span>}
        {told.length > 0 && <div className={classes.detail}>{told.join(' · ')}</div>}
      </div>
      <div className={classes.facts}>
        {entry.actor && <ActorName actor={entry.actor} />}
        {entry.request_id && <CopyText value={entry.request_id} what={t('requestId')} />}
        {entry.milliseconds !== null && <span className="np-number">{t('milliseconds', { count: entry.milliseconds })}</span>}
      </div>
    </li>
  )
}
