'use client'

import { Skeleton, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { api, type Schemas, take } from '@/api/client'
import { CopyText } from '@/components/copy-text'
import { Facts } from '@/components/facts'
import { Money } from '@/components/money'
import { Trouble } from '@/components/trouble'
import { When } from '@/components/when'
import { rateText } from '../amounts'
import { SideLink, toCustomer } from '../parts'
import { Entries, useAccount, useFact } from './ledger'

type Reasons = Schemas['EntryReasons']
const SAME = 1_000_000

/** An entry of the books with the whole journal that it is a part of, and the fact behind it. */
export function EntryReasons({ id }: { id: string }) {
  const found = useQuery<Reasons>({
    queryKey: ['staff', 'entry', id],
    queryFn: () => take(api.GET('/api/v1/admin/ledger/entries/{entry_id}/explain', { params: { path: { entry_id: id } } })),
  })
  if (found.error) return <Trouble error={found.error} retry={() => void found.refetch()} />
  if (!found.data) return <Skeleton height={200} />
  return <EntryExplained reasons={found.data} />
}

function EntryExplained({ reasons }: { reasons: Reasons }) {
  const t = useTranslations('desk.books')
  const account = useAccount()
  const fact = useFact()
  const { entry } = reasons
  const debit = entry.amount.amount > 0
  const href = hrefOf(reasons)
  return (
    <Stack gap="md">
      <Text>{t(debit ? 'saysDebit' : 'saysCredit', { account: account(entry.account), fact: fact(reasons) })}</Text>
      <Facts
        of={[
          [t('fact'), fact(reasons)],
          [t('bookedOn'), <When key="b" at={reasons.booked_on} />],
          [t('account'), account(entry.account)],
          [t(debit ? 'debit' : 'credit'), <Money key="a" value={{ ...entry.amount, amount: Math.abs(entry.amount.amount) }} />],
          [
            t('rate'),
            entry.home_rate_ppm !== SAME &&
              t('rateOf', { currency: entry.amount.currency, rate: rateText(entry.home_rate_ppm), home: entry.home.currency }),
          ],
          [t('home'), entry.home_rate_ppm !== SAME && <Money key="h" value={entry.home} />],
          [t('product'), entry.product],
          [
            t('customer'),
            entry.customer_id && (
              <SideLink key="c" href={toCustomer(entry.customer_id)}>
                {t('openCustomer')}
              </SideLink>
            ),
          ],
          [
            t('about'),
            href ? (
              <SideLink key="f" href={href}>
                {t('openFact')}
              </SideLink>
            ) : (
              reasons.reference_type
            ),
          ],
          [t('aboutId'), <CopyText key="r" value={reasons.reference_id} shown={`…${reasons.reference_id.slice(-12)}`} what={t('aboutId')} />],
          [t('entryId'), <CopyText key="e" value={entry.id} shown={`…${entry.id.slice(-12)}`} what={t('entryId')} />],
        ]}
      />
      <div>
        <Text size="sm" fw={600} mb={4}>
          {t('together')}
        </Text>
        <Entries entries={reasons.entries} label={fact(reasons)} />
      </div>
    </Stack>
  )
}

function hrefOf({ reference_type, reference_id }: Reasons): string | null {
  if (reference_type === 'invoicing.invoice') return `/admin/invoices/${reference_id}`
  if (reference_type === 'domains.domain') return `/admin/domains/${reference_id}`
  return null
}
