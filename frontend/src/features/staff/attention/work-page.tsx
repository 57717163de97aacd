'use client'

import { Button, Group, Stack, Title } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { api, type Schemas, take } from '@/api/client'
import type { DeskColumn } from '@/components/data-table/desk-rows'
import { DeskTable } from '@/components/data-table/desk-table'
import { useTableState } from '@/components/data-table/table-state'
import { useWhole } from '@/components/data-table/whole'
import { PageHeader } from '@/components/page-header'
import { When } from '@/components/when'
import { ReasonDialog } from '../dialogs'
import { useWorkDeeds } from '../orders/deeds'
import { retryStep } from '../orders/queries'
import { RowLink, SideLink, toCustomer, toOrder } from '../parts'
import { useMay } from '../queries'
import type { Deed } from '../reason-dialog'
import { useWords } from '../words'
import { FailedJobs } from './failed-jobs'

type Row = Schemas['ParkedBody']
const POLL = 15_000

export function WorkPage() {
  const t = useTranslations('staff')
  const [deed, setDeed] = useState<Deed | null>(null)
  return (
    <>
      <PageHeader title={t('titles.work')} text={t('work.text')} />
      <Stack gap="xl">
        <Parked onDeed={setDeed} />
        <FailedJobs onDeed={setDeed} />
      </Stack>
      {deed && <ReasonDialog deed={deed} onClose={() => setDeed(null)} />}
    </>
  )
}

const causeOf = (row: Row) => row.reason ?? 'unknown'

function Parked({ onDeed }: { onDeed: (deed: Deed) => void }) {
  const t = useTranslations('staff')
  const what = useWords('what')
  const reason = useWords('reason')
  const state = useTableState(['step', 'reason'])
  const may = useMay('jobs.manage')
  const source = useWhole<Row>(['parked'], (cursor, limit) => take(api.GET('/api/v1/admin/parked', { params: { query: { cursor, limit } } })), POLL)
  const rows = source.rows ?? []
  const distinct = (of: (row: Row) => string) => [...new Set(rows.map(of))].sort()
  const same = rows.filter((row) => causeOf(row) === state.chosen.reason && (!state.chosen.step || row.step === state.chosen.step))
  return (
    <section aria-labelledby="parked">
      <Title order={2} fz={18} mb="sm" id="parked">
        {t('work.parked')}
      </Title>
      <DeskTable
        label={t('work.parked')}
        file="parked"
        columns={useColumns(onDeed)}
        source={source}
        state={state}
        rowKey={(row) => row.step_id}
        search={t('work.search')}
        filters={[
          {
            key: 'step',
            all: t('work.allSteps'),
            options: distinct((row) => row.step).map((value) => ({ value, label: what(value) })),
            test: (row, value) => row.step === value,
          },
          {
            key: 'reason',
            all: t('work.allCauses'),
            options: distinct(causeOf).map((value) => ({ value, label: reason(value) })),
            test: (row, value) => causeOf(row) === value,
          },
        ]}
        empty={{ icon: <IconCheck />, title: t('work.nothingParked'), text: t('work.nothingParkedText') }}
      >
        {may && source.whole && same.length > 1 && <RetryAll rows={same} onDeed={onDeed} />}
      </DeskTable>
    </section>
  )
}

/** After a cause is mended, such as a balance that ran out, all that it held up goes on with one reason. */
function RetryAll({ rows, onDeed }: { rows: Row[]; onDeed: (deed: Deed) => void }) {
  const t = useTranslations('staff')
  const count = rows.length
  const deed: Deed = {
    title: t('work.retryAll', { count }),
    text: t('work.retryAllText', { count }),
    submit: t('work.retryAll', { count }),
    done: t('deed.retryDone'),
    run: async (reason) => {
      for (const row of rows) await retryStep(row.step_id, reason)
    },
  }
  return (
    <Button size="sm" variant="default" onClick={() => onDeed(deed)}>
      {t('work.retryAll', { count })}
    </Button>
  )
}

function useColumns(onDeed: (deed: Deed) => void): DeskColumn<Row>[] {
  const t = useTranslations('staff')
  const what = useWords('what')
  const cause = useWords('cause')
  return [
    {
      key: 'subject',
      title: t('columns.what'),
      value: (row) => row.subject,
      render: (row) => (row.order_id ? <RowLink href={toOrder(row.order_id)}>{row.subject}</RowLink> : row.subject),
    },
    { key: 'step', title: t('columns.step'), value: (row) => what(row.step), render: (row) => <span title={row.step}>{what(row.step)}</span> },
    { key: 'cause', title: t('columns.cause'), value: (row) => `${cause(row.reason, row.cause)}`, render: (row) => <Cause row={row} /> },
    {
      key: 'customer',
      title: t('columns.customer'),
      value: (row) => row.customer,
      render: (row) => row.customer_id && <SideLink href={toCustomer(row.customer_id)}>{row.customer}</SideLink>,
    },
    { key: 'since', title: t('columns.parkedSince'), value: (row) => row.since, render: (row) => <When at={row.since} time /> },
    { key: 'correlation', title: t('columns.correlation'), hidden: true, csv: (row) => row.correlation, render: () => null },
    { key: 'do', title: t('columns.do'), render: (row) => <Deeds row={row} onDeed={onDeed} /> },
  ]
}

function Cause({ row }: { row: Row }) {
  const cause = useWords('cause')
  return (
    <>
      {cause(row.reason, row.cause)}
      {row.detail && <span className="np-aside"> {row.detail}</span>}
    </>
  )
}

function Deeds({ row, onDeed }: { row: Row; onDeed: (deed: Deed) => void }) {
  const t = useTranslations('staff.deed')
  const what = useWords('what')
  const deeds = useWorkDeeds()
  const may = useMay('jobs.manage')
  if (!may) return null
  const name = `${what(row.step)}, ${row.subject}`
  return (
    <Group gap={6} wrap="nowrap" component="span">
      <Button size="compact-xs" onClick={() => onDeed(deeds.retry(row.step_id, name))} aria-label={t('retryTitle', { name })}>
        {t('retry')}
      </Button>
      <Button size="compact-xs" variant="default" onClick={() => onDeed(deeds.undone(row.step_id, name))} aria-label={t('undoneTitle', { name })}>
        {t('undoneShort')}
      </Button>
    </Group>
  )
}
