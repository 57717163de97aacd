'use client'

import { Alert, Button, Text } from '@mantine/core'
import { useTranslations } from 'next-intl'
import Link from '@/components/link'
import { Money } from '@/components/money'
import { When } from '@/components/when'
import { type Collection, useCollections } from './queries'

const INVOICE = 'invoicing.invoice'

/** A charge that did not come: why, what to do, and when we try again by ourselves. */
export function Declined() {
  const found = useCollections().data ?? []
  const troubled = found.filter((each) => each.reason && ['due', 'trying', 'waiting', 'given_up'].includes(each.state))
  return troubled.map((each) => <OneDeclined key={each.payable_id} collection={each} />)
}

function OneDeclined({ collection }: { collection: Collection }) {
  const t = useTranslations('subscriptions.declined')
  const { reason } = collection
  const confirm = reason === 'confirmation_needed'
  const cardless = reason === 'no_method'
  const href = collection.reference_type === INVOICE ? `/invoices/${collection.reference_id}` : '/invoices'
  return (
    <Alert color={confirm || cardless ? 'orange' : 'red'} role="status" title={t(cardless ? 'noCardTitle' : confirm ? 'confirmTitle' : 'title')}>
      <Text size="sm">
        {t.rich(cardless ? 'noCard' : 'what', { amount: () => <Money key="a" value={collection.amount} /> })}{' '}
        {!cardless && (reason && t.has(`reason.${reason}`) ? t(`reason.${reason}`) : t('reason.bank_declined'))}
      </Text>
      {collection.state === 'due' && collection.next_try_on && (
        <Text size="sm">{t.rich('again', { on: () => <When key="w" at={collection.next_try_on} relative /> })}</Text>
      )}
      {collection.state === 'trying' && <Text size="sm">{t('trying')}</Text>}
      {collection.state === 'given_up' && <Text size="sm">{t('givenUp')}</Text>}
      <Button component={Link} href={href} size="sm" mt="sm">
        {t(confirm ? 'confirm' : 'pay')}
      </Button>
    </Alert>
  )
}
