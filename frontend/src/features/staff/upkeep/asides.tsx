'use client'

import { Badge, Button, Text, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { DataTable } from '@/components/data-table'
import { When } from '@/components/when'
import { ReasonDialog } from '../dialogs'
import { NamedCustomer, useNames } from '../names'
import { RowLink } from '../parts'
import { useMay } from '../queries'
import type { Deed } from '../reason-dialog'
import { type Aside, billAgain, useAsides } from './queries'

/** What the run waits with until somebody has looked at it. */
export function Asides() {
  const t = useTranslations('upkeep.runs')
  const rows = useAsides().data
  const may = useMay('subscriptions.manage')
  const [chosen, setChosen] = useState<Aside | null>(null)
  if (!rows || rows.length === 0) return null
  return (
    <section aria-labelledby="asides" style={{ marginBottom: 24 }}>
      <Title order={2} fz={18} id="asides">
        {t('asides')}
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        {t('asidesText')}
      </Text>
      <AsideTable rows={rows} onBill={may ? setChosen : undefined} />
      {chosen && <BillDialog aside={chosen} onClose={() => setChosen(null)} />}
    </section>
  )
}

export function AsideTable({ rows, onBill }: { rows: Aside[]; onBill?: (row: Aside) => void }) {
  const t = useTranslations('upkeep.runs')
  const columns = useTranslations('staff.columns')
  const names = useNames(rows.map((row) => row.customer_id))
  return (
    <DataTable
      dense
      label={t('asides')}
      rows={rows}
      rowKey={(row) => row.subscription_id}
      columns={[
        { key: 'plan', title: t('plan'), render: (row) => <RowLink href={`/admin/subscriptions/${row.subscription_id}`}>{row.plan_name}</RowLink> },
        { key: 'customer', title: t('customer'), render: (row) => <NamedCustomer id={row.customer_id} names={names} /> },
        {
          key: 'why',
          title: t('why'),
          render: (row) => (
            <>
              <Badge variant="light" color={row.kind === 'late' ? 'orange' : 'red'} radius="sm" tt="none">
                {t(`kind.${row.kind}`)}
              </Badge>
              <div className="np-aside np-break">{row.error}</div>
            </>
          ),
        },
        { key: 'since', title: t('since'), render: (row) => row.at && <When at={row.at} time /> },
        ...(onBill
          ? [
              {
                key: 'do',
                title: columns('do'),
                render: (row: Aside) => (
                  <Button size="compact-xs" variant="default" onClick={() => onBill(row)}>
                    {t('bill')}
                  </Button>
                ),
              },
            ]
          : []),
      ]}
    />
  )
}

function BillDialog({ aside, onClose }: { aside: Aside; onClose: () => void }) {
  const t = useTranslations('upkeep.runs')
  const deed: Deed = {
    title: t('billTitle', { plan: aside.plan_name }),
    text: t('billText'),
    submit: t('bill'),
    done: t('billDone'),
    hint: t('kept'),
    run: (reason) => billAgain(aside.subscription_id, reason),
  }
  return <ReasonDialog deed={deed} onClose={onClose} />
}
