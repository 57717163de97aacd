'use client'

import { Card, Group, VisuallyHidden } from '@mantine/core'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { Facts } from '@/components/facts'
import { Money } from '@/components/money'
import classes from './invoices.module.css'
import type { Invoice } from './queries'

/** Each sum leads to what it is made of. */
export function Totals({ invoice, onWhy }: { invoice: Invoice; onWhy: () => void }) {
  const t = useTranslations('staff')
  const words = useTranslations('desk.invoice')
  const issued = invoice.state !== 'draft'
  const later = (['paid', 'credited', 'written_off'] as const).filter((name) => issued && (name !== 'written_off' || invoice[name].amount !== 0))
  const named = { paid: t('columns.paid'), credited: t('columns.credited'), written_off: words('writtenOff') }
  const rows: [string, ReactNode][] = [
    [t('columns.net'), sum('net', t('columns.net'))],
    [t('columns.tax'), sum('tax', t('columns.tax'))],
    [t('columns.total'), sum('total', t('columns.total'))],
    ...later.map((name): [string, ReactNode] => [named[name], sum(name, named[name])]),
    [t('columns.due'), issued && sum('due', t('columns.due'))],
  ]
  function sum(name: 'net' | 'tax' | 'total' | 'paid' | 'credited' | 'written_off' | 'due', what: string) {
    return (
      <button key={name} type="button" className={classes.why} onClick={onWhy}>
        <VisuallyHidden>{words('explainSum', { what })} </VisuallyHidden>
        <Money value={invoice[name]} />
      </button>
    )
  }
  return (
    <Group justify="flex-end">
      <Card padding="md" w={{ base: '100%', xs: 380 }} component="section" aria-label={t('columns.total')}>
        <Facts of={rows} />
      </Card>
    </Group>
  )
}
