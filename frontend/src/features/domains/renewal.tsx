'use client'

import { Alert, Button, Card, Group, Stack, Switch, Text, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { Facts } from '@/components/facts'
import Link from '@/components/link'
import { Money } from '@/components/money'
import { ProblemAlert } from '@/components/problem-alert'
import { When } from '@/components/when'
import { type DomainRenewal, useWish } from './queries'

/** Whether it is renewed, when next, what that costs and how it is paid; with the invoice that waits, if one does. */
export function Renewal({ of }: { of: DomainRenewal }) {
  const t = useTranslations('account.domains.renewal')
  const wish = useWish(of.domain_id)
  return (
    <Card component="section" aria-labelledby="renewal">
      <Title order={2} fz={16} mb="xs" id="renewal">
        {t('title')}
      </Title>
      <Stack gap="md">
        <UnderWay of={of} />
        <Next of={of} />
        <Switch
          label={t('auto')}
          description={t('autoText')}
          checked={of.auto_renew}
          disabled={wish.isPending}
          onChange={(event) => wish.send({ auto_renew: event.currentTarget.checked })}
        />
        {of.auto_renew && (
          <Switch
            label={t('apart')}
            description={t('apartText')}
            checked={of.separate_invoice}
            disabled={wish.isPending}
            onChange={(event) => wish.send({ separate_invoice: event.currentTarget.checked })}
          />
        )}
        {wish.error && <ProblemAlert error={wish.error} />}
      </Stack>
    </Card>
  )
}

function Next({ of: { next } }: { of: DomainRenewal }) {
  const t = useTranslations('account.domains.renewal')
  if (!next) return null
  return (
    <Facts
      of={[
        [t('from'), <When key="f" at={next.from_on} relative />],
        [t('price'), next.included ? t('included') : next.price ? <Money key="p" value={next.price} /> : t('priceLater')],
        [t('paid'), !next.included && t(`collection.${next.collection}`)],
        [t('invoiced'), !next.included && <When key="i" at={next.invoiced_on} />],
      ]}
    />
  )
}

function UnderWay({ of: { last, auto_renew: wanted, next } }: { of: DomainRenewal }) {
  const t = useTranslations('account.domains.renewal')
  if (!last || (next && last.status !== 'lapsed')) return wanted ? null : <Text size="sm">{t('off')}</Text>
  const waits = last.status === 'invoiced' && last.invoice_status === 'open'
  return (
    <Alert color={waits || last.status === 'lapsed' ? 'orange' : 'blue'} variant="light">
      <Group justify="space-between" gap="sm">
        <Text size="sm">{t.rich(`last.${last.status}`, { on: () => <When key="o" at={last.expires_on ?? last.due_on ?? last.from_on} /> })}</Text>
        {last.invoice_id && (
          <Button component={Link} href={`/invoices/${last.invoice_id}`} size="sm" variant={waits ? 'filled' : 'default'}>
            {waits ? t('pay') : t('invoice')}
          </Button>
        )}
      </Group>
    </Alert>
  )
}
