'use client'

import { Alert, Button, Card, Group, Progress, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useEffect, useRef, useState } from 'react'
import { asProblem } from '@/api/client'
import { useOnce } from '@/api/once'
import { EmptyState } from '@/components/empty-state'
import { Facts } from '@/components/facts'
import Link from '@/components/link'
import { PageHeader } from '@/components/page-header'
import { ProblemAlert } from '@/components/problem-alert'
import { Trouble } from '@/components/trouble'
import { When } from '@/components/when'
import { useMay } from '../queries'
import { advance, type Clock, useClock } from './queries'
import { monthLater, partsOf, progressOf } from './travel'

/** What time it is for the business, and the way forward, in the sandbox only. */
export function ClockPage() {
  const t = useTranslations('upkeep.clock')
  const { data: clock, error, refetch } = useClock()
  const fixed = error && asProblem(error).code === 'clock_fixed'
  return (
    <>
      <PageHeader title={t('title')} text={t('text')} />
      {fixed && <EmptyState title={t('fixed')} text={t('fixedText')} />}
      {error && !fixed && <Trouble error={error} retry={() => refetch()} />}
      {!clock && !error && <Skeleton height={220} radius="lg" />}
      {clock && !fixed && (
        <Stack gap="lg" maw={720}>
          <Now clock={clock} />
          <Journey clock={clock} />
        </Stack>
      )}
    </>
  )
}

function Now({ clock }: { clock: Clock }) {
  const t = useTranslations('upkeep.clock')
  const machine = new Date(Date.parse(clock.now) - clock.ahead_seconds * 1000).toISOString()
  return (
    <Card component="section" aria-labelledby="now">
      <Title order={2} fz={18} mb="sm" id="now">
        {t('now')}
      </Title>
      <Facts
        of={[
          [
            t('product'),
            <strong key="p">
              <When at={clock.now} time />
            </strong>,
          ],
          [t('machine'), <When key="m" at={machine} time />],
          [t('ahead'), clock.ahead_seconds < 60 ? t('notAhead') : t('aheadBy', partsOf(clock.ahead_seconds))],
          [t('atWork'), t('jobs', { count: clock.at_work })],
        ]}
      />
    </Card>
  )
}

/** The buttons, or how far it is. */
function Journey({ clock }: { clock: Clock }) {
  const t = useTranslations('upkeep.clock')
  const queries = useQueryClient()
  const router = useRouter()
  const may = useMay('settings.manage')
  const [from, setFrom] = useState<string | null>(null)
  const [arrived, setArrived] = useState<{ from: string; to: string } | null>(null)
  const [date, setDate] = useState('')
  const moving = useRef(false)
  const sent = useOnce({
    mutationFn: (by: { days: number } | { until: string }) => advance(by),
    onSuccess: (found) => {
      setArrived(null)
      setFrom(clock.now)
      queries.setQueryData(['staff', 'clock'], found)
    },
  })
  useEffect(() => {
    if (clock.until) {
      moving.current = true
      setFrom((known) => known ?? clock.now)
    } else if (moving.current) {
      moving.current = false
      setArrived({ from: from ?? clock.now, to: clock.now })
      setFrom(null)
      // Whatever was read belongs to a day that is over.
      void queries.invalidateQueries()
      // The layout tells every page what day it is.
      router.refresh()
    }
  }, [clock, from, queries, router])
  if (clock.until) return <Moving clock={clock} from={from ?? clock.now} until={clock.until} />
  const month = monthLater(new Date(clock.now)).toISOString()
  const onDate = () => {
    const until = new Date(`${date}T${clock.now.slice(11, 19)}Z`)
    if (!Number.isNaN(until.getTime())) sent.send({ until: until.toISOString() })
  }
  return (
    <Card component="section" aria-labelledby="forward">
      <Title order={2} fz={18} mb={4} id="forward">
        {t('forward')}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {t('forwardText')}
      </Text>
      {arrived && <Arrived {...arrived} />}
      {sent.error && <ProblemAlert error={sent.error} />}
      {!may && <Text size="sm">{t('mayNot')}</Text>}
      {may && (
        <Stack gap="md">
          <Group gap="sm">
            <Button onClick={() => sent.send({ days: 1 })} loading={sent.isPending}>
              {t('day')}
            </Button>
            <Button variant="default" onClick={() => sent.send({ days: 7 })} disabled={sent.isPending}>
              {t('week')}
            </Button>
            <Button variant="default" onClick={() => sent.send({ until: month })} disabled={sent.isPending}>
              {t('month')}
            </Button>
          </Group>
          <Group gap="sm" align="flex-end">
            <TextInput
              type="date"
              label={t('date')}
              min={clock.now.slice(0, 10)}
              value={date}
              onChange={(event) => setDate(event.currentTarget.value)}
            />
            <Button variant="default" onClick={onDate} disabled={!date || sent.isPending}>
              {t('toDate')}
            </Button>
          </Group>
        </Stack>
      )}
    </Card>
  )
}

function Moving({ clock, from, until }: { clock: Clock; from: string; until: string }) {
  const t = useTranslations('upkeep.clock')
  const { percent, days, of } = progressOf(from, clock.now, until)
  return (
    <Card component="section" aria-labelledby="moving">
      <Title order={2} fz={18} mb="sm" id="moving">
        {t.rich('movingTo', { until: () => <When key="u" at={until} time /> })}
      </Title>
      <Progress value={percent} aria-label={t('progress')} size="lg" mb="sm" />
      <Text size="sm" role="status">
        {t('daysDone', { days, of })} {clock.at_work > 0 && t('working', { count: clock.at_work })}
      </Text>
    </Card>
  )
}

/** What was done on the way is found where it always is. */
function Arrived({ from, to }: { from: string; to: string }) {
  const t = useTranslations('upkeep.clock')
  return (
    <Alert color="green" role="status" title={t('arrived')} mb="md">
      <Text size="sm">{t.rich('arrivedText', { from: () => <When key="f" at={from} time />, to: () => <When key="t" at={to} time /> })}</Text>
      <Group gap="sm" mt="xs">
        {(['invoices', 'payments', 'subscriptions', 'work'] as const).map((name) => (
          <Button key={name} component={Link} href={`/admin/${name}`} size="compact-sm" variant="default">
            {t(`see.${name}`)}
          </Button>
        ))}
      </Group>
    </Alert>
  )
}
