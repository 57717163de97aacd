'use client'

import { Alert, Stack, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { parseAsString, useQueryStates } from 'nuqs'
import { DataTable } from '@/components/data-table'
import { EmptyState } from '@/components/empty-state'
import { Money, useMoney } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { Trouble } from '@/components/trouble'
import { SideLink } from '../parts'
import { StateBadge } from '../state-badge'
import classes from './invoices.module.css'
import { useFigures } from './queries'

const DAY = parseAsString.withDefault('')

/** How much was invoiced in a span of days, by state; and what is overdue today. */
export function FiguresPage() {
  const t = useTranslations('staff')
  const words = useTranslations('desk.figures')
  const money = useMoney()
  const [span, setSpan] = useQueryStates({ start: DAY, end: DAY })
  const found = useFigures(span.start, span.end)
  const figures = found.data
  return (
    <>
      <PageHeader title={t('titles.figures')} text={words('text')} back={{ href: '/admin/invoices', label: t('titles.invoices') }} />
      <Stack gap="md">
        <div className={classes.dates}>
          <TextInput
            size="sm"
            type="date"
            label={words('start')}
            value={span.start || (figures?.start ?? '')}
            onChange={(event) => void setSpan({ start: event.currentTarget.value || null })}
          />
          <TextInput
            size="sm"
            type="date"
            label={words('end')}
            value={span.end || (figures?.end ?? '')}
            onChange={(event) => void setSpan({ end: event.currentTarget.value || null })}
          />
        </div>
        {found.error && <Trouble error={found.error} retry={() => void found.refetch()} />}
        {figures && figures.overdue.length > 0 && (
          <Alert color="orange" title={words('overdue')}>
            {figures.overdue.map((late) => (
              <div key={late.due.currency}>
                <SideLink href={`/admin/invoices?overdue=yes&by=due&currency=${late.due.currency}`}>
                  {words('late', { count: late.count, due: money(late.due) })}
                </SideLink>
              </div>
            ))}
          </Alert>
        )}
        {figures?.totals.length === 0 && <EmptyState title={words('empty')} text={words('emptyText')} />}
        {!found.error && figures?.totals.length !== 0 && (
          <DataTable
            dense
            label={t('titles.figures')}
            rows={figures?.totals}
            rowKey={(row) => row.state + row.total.currency}
            columns={[
              { key: 'currency', title: t('columns.currency'), render: (row) => row.total.currency },
              { key: 'state', title: t('columns.state'), render: (row) => <StateBadge state={row.state} /> },
              { key: 'count', title: words('count'), number: true, render: (row) => row.count },
              ...(['total', 'paid', 'credited', 'due', 'written_off'] as const).map((name) => ({
                key: name,
                title: name === 'written_off' ? words('writtenOff') : t(`columns.${name}`),
                number: true,
                render: (row: NonNullable<typeof figures>['totals'][number]) => <Money value={row[name]} />,
              })),
            ]}
          />
        )}
      </Stack>
    </>
  )
}
