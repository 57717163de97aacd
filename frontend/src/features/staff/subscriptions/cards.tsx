'use client'

import { Badge, Button, Card, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import type { Schemas } from '@/api/client'
import { useNow } from '@/components/clock'
import { Money } from '@/components/money'
import { Trouble } from '@/components/trouble'
import { When } from '@/components/when'
import { CardName, standingOfCard, useCollections, useMethods } from '@/features/methods'
import { ReasonDialog } from '../dialogs'
import { useMay } from '../queries'
import type { Deed } from '../reason-dialog'
import { chargeAgain } from './queries'

const COLORS = { barred: 'red', expired: 'red', problem: 'orange', expiring: 'orange', fine: 'green' } as const
const TROUBLED = ['due', 'trying', 'waiting', 'given_up']

/** The customer's cards on file, and what is being charged to them. */
export function CardsOnFile({ customer }: { customer: string }) {
  const t = useTranslations('upkeep.cards')
  const words = useTranslations('subscriptions.methods')
  const now = useNow()
  const methods = useMethods(customer)
  const collections = useCollections(customer)
  const open = collections.data?.filter((each) => TROUBLED.includes(each.state)) ?? []
  const error = methods.error ?? collections.error
  return (
    <Card component="section" aria-labelledby="cards">
      <Title order={2} fz={16} mb="sm" id="cards">
        {t('title')}
      </Title>
      {error && <Trouble error={error} />}
      {!methods.data && !error && <Skeleton height={40} />}
      {methods.data?.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('none')}
        </Text>
      )}
      <Stack gap="xs">
        {methods.data?.map((card) => {
          const standing = standingOfCard(card, now)
          return (
            <Group key={card.id} gap="xs" justify="space-between">
              <Text size="sm">
                <CardName card={card} /> <span className="np-aside">{`${String(card.exp_month).padStart(2, '0')}/${card.exp_year}`}</span>
              </Text>
              <Group gap={4}>
                {card.is_default && (
                  <Badge variant="light" radius="sm" tt="none" color="green">
                    {words('default')}
                  </Badge>
                )}
                {standing !== 'fine' && (
                  <Badge variant="light" radius="sm" tt="none" color={COLORS[standing]}>
                    {words(`standing.${standing}`)}
                  </Badge>
                )}
              </Group>
            </Group>
          )
        })}
        {open.map((each) => (
          <OneCollection key={each.payable_id} collection={each} />
        ))}
      </Stack>
    </Card>
  )
}

function OneCollection({ collection }: { collection: Schemas['CollectionBody'] }) {
  const t = useTranslations('upkeep.cards')
  const kept = useTranslations('upkeep.deeds')
  const reasons = useTranslations('subscriptions.declined.reason')
  const may = useMay('payments.manage')
  const [open, setOpen] = useState(false)
  const { reason } = collection
  const deed: Deed = {
    title: t('againTitle'),
    text: t('againText'),
    submit: t('again'),
    done: t('againDone'),
    hint: kept('kept'),
    run: (why) => chargeAgain(collection.payable_id, why),
  }
  return (
    <div>
      <Text size="sm">
        <Money value={collection.amount} /> · {t.has(`state.${collection.state}`) ? t(`state.${collection.state}`) : collection.state}
        {collection.next_try_on && (
          <>
            {' '}
            <When at={collection.next_try_on} relative />
          </>
        )}
      </Text>
      {reason && (
        <Text size="sm" c="dimmed">
          {reasons.has(reason) ? reasons(reason) : reason.replaceAll('_', ' ')}
        </Text>
      )}
      {may && ['waiting', 'given_up'].includes(collection.state) && (
        <Button size="compact-xs" variant="default" onClick={() => setOpen(true)}>
          {t('again')}
        </Button>
      )}
      {open && <ReasonDialog deed={deed} onClose={() => setOpen(false)} />}
    </div>
  )
}
