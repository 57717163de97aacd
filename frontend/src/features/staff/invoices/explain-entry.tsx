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
import { Entries, type EntryPlace, useAccount, useFact } from './ledger'

type Reasons = Schemas['EntryReasons']
const SAME = 1_000_000

/** An entry of the books with the whole journal that it is a part of, and the fact behind it. */
export function EntryReasons({ of: { journalId, position } }: { of: EntryPlace }) {
  const found = useQuery<Reasons>({
    queryKey: ['staff', 'entry', journalId, position],
    queryFn: () =>
      take(
        api.GET('/api/v1/admin/ledger/journals/{journal_id}/entries/{position}/explain', { params: { path: { journal_id: journalId, position } } }),
      ),
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
          [t('place'), t('placeOf', { position: entry.position, many: reasons.entries.length })],
          [t('journalId'), <CopyText key="e" value={reasons.journal_id} shown={`…${reasons.journal_id.slice(-12)}`} what={t('journalId')} />],
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
