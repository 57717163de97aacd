'use client'

import { Card } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { PageHeader } from '@/components/page-header'
import { EntryReasons } from '../invoices/explain-entry'
import type { EntryPlace } from '../invoices/ledger'

/** Why an entry is in the books. */
export function EntryPage({ of }: { of: EntryPlace }) {
  const t = useTranslations('staff.titles')
  return (
    <>
      <PageHeader title={t('entry')} back={{ href: '/admin/books', label: t('books') }} />
      <Card maw={760}>
        <EntryReasons of={of} />
      </Card>
    </>
  )
}
