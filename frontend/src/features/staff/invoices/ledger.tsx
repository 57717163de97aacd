'use client'

import { Card, Group, Text, VisuallyHidden } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { Money } from '@/components/money'
import { When } from '@/components/when'
import classes from './invoices.module.css'
import { Block } from './papers'
import type { Entry, Journal } from './queries'

const MIRROR = -1

/** An account by its name in the reader's language. */
export function useAccount(): (account: string) => string {
  const t = useTranslations('desk.account')
  return (account) => (t.has(account) ? t(account) : account.replaceAll('_', ' '))
}

/** The fact that was booked; the books' own word where we have none. */
export function useFact(): (journal: { reference_type: string; kind: string; description: string }) => string {
  const t = useTranslations('desk.fact')
  return ({ reference_type, kind, description }) => {
    const key = `${reference_type}_${kind.split('-')[0]}`.replaceAll('.', '_')
    return t.has(key) ? t(key) : description
  }
}

/** An entry is known by its journal and its place there. */
export type EntryPlace = { journalId: string; position: number }

/** What was booked for the invoice and its credit notes; each entry leads to what it is about. */
export function Ledger({ journals, onEntry }: { journals: Journal[]; onEntry: (entry: EntryPlace) => void }) {
  const t = useTranslations('desk.books')
  const fact = useFact()
  if (journals.length === 0) return null
  return (
    <Block id="books" title={t('booked')}>
      <Card padding="md">
        {journals.map((journal) => (
          <div key={journal.id} className={classes.line}>
            <Group justify="space-between" gap="xs" mb={4}>
              <Text size="sm" fw={600}>
                {fact(journal)}
              </Text>
              <Text size="sm" c="dimmed">
                <When at={journal.booked_on} />
              </Text>
            </Group>
            <Entries entries={journal.entries} onEntry={(position) => onEntry({ journalId: journal.id, position })} label={fact(journal)} />
          </div>
        ))}
      </Card>
    </Block>
  )
}

export function Entries({ entries, label, onEntry }: { entries: Entry[]; label: string; onEntry?: (position: number) => void }) {
  const t = useTranslations('desk.books')
  const account = useAccount()
  const foreign = entries.some((entry) => entry.amount.currency !== entry.home.currency)
  const side = (entry: Entry, debit: boolean) => {
    if (entry.amount.amount > 0 !== debit) return null
    const shown = <Money value={debit ? entry.amount : { ...entry.amount, amount: MIRROR * entry.amount.amount }} />
    if (!onEntry) return shown
    return (
      <button type="button" className={classes.why} onClick={() => onEntry(entry.position)}>
        <VisuallyHidden>{t('explainEntry', { account: account(entry.account) })} </VisuallyHidden>
        {shown}
      </button>
    )
  }
  return (
    <table className={classes.entries} aria-label={label}>
      <thead>
        <tr>
          <th scope="col">{t('account')}</th>
          <th scope="col" data-number>
            {t('debit')}
          </th>
          <th scope="col" data-number>
            {t('credit')}
          </th>
          {foreign && (
            <th scope="col" data-number>
              {t('home')}
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.position}>
            <td>
              {account(entry.account)}
              {entry.product && <div className="np-aside">{entry.product}</div>}
            </td>
            <td data-number>{side(entry, true)}</td>
            <td data-number>{side(entry, false)}</td>
            {foreign && (
              <td data-number>
                <Money value={entry.home} />
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
