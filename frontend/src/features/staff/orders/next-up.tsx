'use client'

import { Badge, Button, Card, Group, Text, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useMay } from '../queries'
import type { Deed } from '../reason-dialog'
import { StateBadge } from '../state-badge'
import { useWords } from '../words'
import { useWorkDeeds } from './deeds'
import { Moment } from './moment'
import classes from './orders.module.css'
import type { Entry, Job, Timeline } from './queries'

const COLORS = { staff: 'orange', customer: 'blue', vendor: 'gray', system: 'gray' } as const

/** Who acts next, and what staff can do about it here. */
export function NextUp({ timeline, onDeed }: { timeline: Timeline; onDeed: (deed: Deed) => void }) {
  const t = useTranslations('staff.timeline')
  const parked = timeline.entries.filter((entry) => entry.kind === 'step' && entry.state === 'parked')
  if (timeline.next.length === 0 && timeline.jobs.length === 0)
    return (
      <Card padding="sm" px="md">
        <Text c="dimmed">{t('nobody')}</Text>
      </Card>
    )
  return (
    <Card component="section" padding="md" aria-labelledby="next" aria-live="polite">
      <Title order={2} fz={16} id="next" mb={4}>
        {t('nextTitle')}
      </Title>
      {timeline.next.map((next) => (
        <div key={next.who + next.what} className={classes.todo}>
          <Group gap="sm" wrap="nowrap">
            <Badge variant="light" color={COLORS[next.who]} radius="sm" tt="none">
              {t(`who.${next.who}`)}
            </Badge>
            <Text size="sm">{next.what}</Text>
          </Group>
        </div>
      ))}
      {parked.map((entry) => (
        <ParkedStep key={entry.id} entry={entry} onDeed={onDeed} />
      ))}
      {timeline.jobs.map((job) => (
        <OpenJob key={job.id} job={job} onDeed={onDeed} />
      ))}
    </Card>
  )
}

function ParkedStep({ entry, onDeed }: { entry: Entry; onDeed: (deed: Deed) => void }) {
  const t = useTranslations('staff')
  const what = useWords('what')
  const cause = useWords('cause')
  const deeds = useWorkDeeds()
  const may = useMay('jobs.manage')
  const name = what(entry.what)
  return (
    <div className={classes.todo}>
      <div>
        <Text size="sm" fw={550}>
          {name} <StateBadge state="parked" />
        </Text>
        <Text size="sm" c="dimmed">
          {cause(entry.reason)}
        </Text>
      </div>
      {may && (
        <Group gap="xs">
          <Button size="compact-sm" onClick={() => onDeed(deeds.retry(entry.id, name))}>
            {t('deed.retry')}
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => onDeed(deeds.undone(entry.id, name))}>
            {t('deed.undoneShort')}
          </Button>
        </Group>
      )}
    </div>
  )
}

function OpenJob({ job, onDeed }: { job: Job; onDeed: (deed: Deed) => void }) {
  const t = useTranslations('staff')
  const deeds = useWorkDeeds()
  const may = useMay('jobs.manage')
  return (
    <div className={classes.todo}>
      <div>
        <Text size="sm">
          <code className="np-code">{job.job}</code> <StateBadge state={job.status} />
        </Text>
        <Text size="sm" c="dimmed">
          {t('work.attempts', { count: job.attempts })} · {t('work.due')} <Moment at={job.due} />
          {job.error && ` · ${job.error}`}
        </Text>
      </div>
      {may && job.status === 'failed' && (
        <Button size="compact-sm" onClick={() => onDeed(deeds.requeue(job.id, job.job))}>
          {t('deed.requeue')}
        </Button>
      )}
    </div>
  )
}
