'use client'

import { Alert, Button, Card, Group, SimpleGrid, Text, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { Meter } from '@/components/charts/meter'
import { Facts } from '@/components/facts'
import { ProblemAlert } from '@/components/problem-alert'
import { When } from '@/components/when'
import { StateDialog } from '../dialogs'
import { useMay } from '../queries'
import { StateBadge } from '../state-badge'
import { type Server, type ServerState, useTestServer } from './queries'

const STATES: ServerState[] = ['active', 'draining', 'disabled']

export function ServerCard({ server }: { server: Server }) {
  const t = useTranslations('staff.servers')
  const may = useMay('servers.manage')
  const test = useTestServer()
  const [wanted, want] = useState<ServerState | null>(null)
  return (
    <Card component="section" aria-labelledby={server.id}>
      <Group justify="space-between" mb="sm">
        <Group gap="xs">
          <Title order={2} fz={18} id={server.id}>
            {server.name}
          </Title>
          <StateBadge state={server.status} />
          <StateBadge state={server.health} kind="health" />
        </Group>
        {may && (
          <Group gap="xs">
            {STATES.filter((state) => state !== server.status).map((state) => (
              <Button key={state} variant="default" size="compact-sm" onClick={() => want(state)}>
                {t(`to_${state}`)}
              </Button>
            ))}
            <Button variant="default" size="compact-sm" onClick={() => test.mutate(server.id)} loading={test.isPending}>
              {t('test')}
            </Button>
          </Group>
        )}
      </Group>
      {test.error && <ProblemAlert error={test.error} />}
      {test.data && !test.isPending && <Tested server={test.data} />}
      {server.problem && !test.data && (
        <Alert color="orange" p="xs" mb="sm">
          {server.problem}
        </Alert>
      )}
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <div>
          <Text size="sm" c="dimmed" mb={4}>
            {t('capacity')}
          </Text>
          <Meter label={t('capacityOf', { name: server.name })} used={server.used} capacity={server.capacity} />
          <Abilities server={server} />
        </div>
        <About server={server} />
      </SimpleGrid>
      {wanted && <StateDialog server={server} wanted={wanted} onClose={() => want(null)} />}
    </Card>
  )
}

function Tested({ server }: { server: Server }) {
  const t = useTranslations('staff.servers')
  return (
    <Alert color={server.problem ? 'orange' : 'green'} p="xs" mb="sm" role="status">
      {server.problem ? t('testFailed', { problem: server.problem }) : t('testFine')}
    </Alert>
  )
}

function Abilities({ server }: { server: Server }) {
  const t = useTranslations('staff.servers')
  const found = Object.entries(server.abilities ?? {}).filter(([, able]) => typeof able === 'boolean')
  if (found.length === 0) return null
  const named = (able: boolean) =>
    found
      .filter(([, value]) => value === able)
      .map(([name]) => (t.has(`ability.${name}`) ? t(`ability.${name}`) : name))
      .join(', ')
  return (
    <Text size="sm" c="dimmed" mt="sm">
      {t('can', { list: named(true) })} {named(false) && t('cannot', { list: named(false) })}
    </Text>
  )
}

function About({ server }: { server: Server }) {
  const t = useTranslations('staff')
  return (
    <Facts
      of={[
        [t('servers.address'), <code key="a">{server.base_url}</code>],
        [t('columns.nameservers'), server.nameservers.join(', ')],
        [t('servers.testedAt'), <When key="t" at={server.tested_at} time />],
        [t('servers.checkedAt'), <When key="c" at={server.checked_at} time />],
        [t('columns.since'), <When key="s" at={server.added_at} />],
      ]}
    />
  )
}
