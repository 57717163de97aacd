'use client'

import { VisuallyHidden } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { DataTable } from '@/components/data-table'
import { Money } from '@/components/money'
import { When } from '@/components/when'
import { lastDay } from '@/lib/day'
import classes from './invoices.module.css'
import type { InvoiceLine } from './queries'
import { usePercent } from './rates'

interface LinesProps {
  lines: InvoiceLine[]
  /** Where there is something to explain. */
  onWhy?: (lineId: string) => void
}

export function Lines({ lines, onWhy }: LinesProps) {
  const t = useTranslations('staff')
  const words = useTranslations('desk.invoice')
  const percent = usePercent()
  const why = (line: InvoiceLine, key: 'net' | 'tax' | 'gross') =>
    onWhy ? (
      <button type="button" className={classes.why} onClick={() => onWhy(line.id)}>
        <VisuallyHidden>
          {words('explain', { what: t(key === 'gross' ? 'columns.total' : `columns.${key}`), line: line.description })}{' '}
        </VisuallyHidden>
        <Money value={line[key]} />
      </button>
    ) : (
      <Money value={line[key]} />
    )
  const discounted = lines.some((line) => line.discount.amount !== 0)
  return (
    <DataTable
      dense
      label={t('invoices.lines')}
      rows={lines}
      rowKey={(line) => line.id}
      columns={[
        { key: 'what', title: t('columns.what'), render: (line) => <What line={line} /> },
        { key: 'quantity', title: t('columns.quantity'), number: true, render: (line) => line.quantity },
        { key: 'unit', title: t('columns.unit'), number: true, render: (line) => <Money value={line.unit_net} /> },
        ...(discounted
          ? [
              {
                key: 'off',
                title: words('discount'),
                number: true,
                render: (line: InvoiceLine) => line.discount.amount !== 0 && <Money value={line.discount} />,
              },
            ]
          : []),
        { key: 'net', title: t('columns.net'), number: true, render: (line) => why(line, 'net') },
        { key: 'rate', title: words('rate'), number: true, render: (line) => percent(line.tax_rate_ppm) },
        { key: 'note', title: t('columns.taxNote'), render: (line) => line.tax_note },
        { key: 'tax', title: t('columns.tax'), number: true, render: (line) => why(line, 'tax') },
        { key: 'gross', title: t('columns.total'), number: true, render: (line) => why(line, 'gross') },
      ]}
    />
  )
}

function What({ line }: { line: InvoiceLine }) {
  return (
    <>
      {line.description}
      {line.period && (
        <div className="np-aside">
          <When at={line.period.start} /> – <When at={lastDay(line.period.end)} />
        </div>
      )}
      {line.discount_note && <div className="np-aside">{line.discount_note}</div>}
    </>
  )
}
