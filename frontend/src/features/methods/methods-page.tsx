'use client'

import { Alert, Badge, Button, Card, Checkbox, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import { IconCreditCard } from '@tabler/icons-react'
import { useSearchParams } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { useNow } from '@/components/clock'
import { PageHeader } from '@/components/page-header'
import { ProblemAlert } from '@/components/problem-alert'
import { brandOf, CardName } from './card-name'
import { Declined } from './declined'
import { type Method, useAddMethod, useMakeDefault, useMethods, useSetup } from './queries'
import { RemoveDialog } from './remove-dialog'
import { standingOfCard } from './standing'

/** Which cards are charged for what falls due, and what is wrong with them. */
export function MethodsPage() {
  const t = useTranslations('subscriptions.methods')
  const methods = useMethods()
  const { data: cards, error } = methods
  return (
    <>
      <PageHeader title={t('title')} text={t('text')} />
      <Stack gap="lg">
        <Outcome />
        <Declined />
        {error && <ProblemAlert error={error} retry={() => methods.refetch()} />}
        {!cards && !error && <Skeleton height={150} radius="lg" />}
        {cards?.map((card) => (
          <SavedCard key={card.id} card={card} cards={cards} />
        ))}
        {cards && <AddCard first={cards.length === 0} />}
      </Stack>
    </>
  )
}

/** What came of the provider's page. */
function Outcome() {
  const t = useTranslations('subscriptions.methods.outcome')
  const params = useSearchParams()
  const { data: setup } = useSetup(params.get('setup'))
  if (!setup) return null
  const kind = { succeeded: 'succeeded', failed: 'failed', expired: 'expired', waiting_for_staff: 'waiting' }[setup.status] ?? 'open'
  const color = { succeeded: 'green', failed: 'red', expired: 'orange', waiting: 'orange', open: 'blue' }[kind]
  return (
    <Alert role="status" color={color} title={t(`${kind}.title`)}>
      {t(`${kind}.text`)}
    </Alert>
  )
}

const COLORS = { barred: 'red', expired: 'red', problem: 'orange', expiring: 'orange', fine: 'green' } as const

function SavedCard({ card, cards }: { card: Method; cards: Method[] }) {
  const t = useTranslations('subscriptions.methods')
  const reasons = useTranslations('subscriptions.declined.reason')
  const [removing, setRemoving] = useState(false)
  const makeDefault = useMakeDefault()
  const standing = standingOfCard(card, useNow())
  const named = t('name', { brand: brandOf(card), last4: card.last4 })
  const until = `${String(card.exp_month).padStart(2, '0')}/${card.exp_year}`
  return (
    <Card component="section" aria-label={named}>
      <Group justify="space-between" align="flex-start" gap="md">
        <Group gap="md" align="flex-start" wrap="nowrap">
          <IconCreditCard aria-hidden />
          <div>
            <Group gap="xs">
              <Title order={2} fz={18}>
                <CardName card={card} />
              </Title>
              {card.is_default && (
                <Badge variant="light" color="green" radius="sm" tt="none">
                  {t('default')}
                </Badge>
              )}
              {standing !== 'fine' && (
                <Badge variant="light" color={COLORS[standing]} radius="sm" tt="none">
                  {t(`standing.${standing}`)}
                </Badge>
              )}
            </Group>
            <Text size="sm" c="dimmed">
              {t('validThru', { until })} · {card.is_default ? t('usedFor') : t('spare')}
            </Text>
            {standing !== 'fine' && (
              <Text size="sm" mt={4}>
                {standing === 'problem' && card.problem && reasons.has(card.problem) ? reasons(card.problem) : t(`advice.${standing}`)}
              </Text>
            )}
          </div>
        </Group>
        <Group gap="xs">
          {!card.is_default && !card.barred && (
            <Button
              variant="default"
              size="sm"
              onClick={() => makeDefault.mutate(card.id)}
              loading={makeDefault.isPending}
              aria-label={t('makeDefaultOf', { card: named })}
            >
              {t('makeDefault')}
            </Button>
          )}
          <Button variant="subtle" color="gray" size="sm" onClick={() => setRemoving(true)} aria-label={t('removeOf', { card: named })}>
            {t('remove')}
          </Button>
        </Group>
      </Group>
      {makeDefault.error && <ProblemAlert error={makeDefault.error} />}
      {removing && <RemoveDialog card={card} last={cards.length === 1} onClose={() => setRemoving(false)} />}
    </Card>
  )
}

function AddCard({ first }: { first: boolean }) {
  const t = useTranslations('subscriptions.methods')
  const [consent, setConsent] = useState(false)
  const [asked, setAsked] = useState(false)
  const add = useAddMethod()
  const go = () => {
    setAsked(true)
    if (consent) add.mutate()
  }
  return (
    <Card component="section" aria-labelledby="add-card">
      <Title order={2} fz={18} mb={4} id="add-card">
        {t(first ? 'addFirst' : 'add')}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {t(first ? 'addFirstText' : 'addText')}
      </Text>
      <Stack gap="sm" align="flex-start">
        <Checkbox
          label={t('consent')}
          checked={consent}
          onChange={(event) => setConsent(event.currentTarget.checked)}
          error={asked && !consent ? t('consentMissing') : undefined}
        />
        {add.error && <ProblemAlert error={add.error} />}
        {add.isSuccess && !add.data && (
          <Text size="sm" role="status">
            {t('opening')}
          </Text>
        )}
        <Button onClick={go} loading={add.isPending || Boolean(add.data)}>
          {t('addButton')}
        </Button>
      </Stack>
    </Card>
  )
}
