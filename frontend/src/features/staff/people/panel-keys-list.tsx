'use client'

import { Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { api, type Schemas, take } from '@/api/client'
import { useNow } from '@/components/clock'
import { CopyText } from '@/components/copy-text'
import type { DeskColumn } from '@/components/data-table/desk-rows'
import { DeskTable } from '@/components/data-table/desk-table'
import { useTableState } from '@/components/data-table/table-state'
import { useWhole } from '@/components/data-table/whole'
import { PageHeader } from '@/components/page-header'
import { When } from '@/components/when'
import { NewKey, ReasonDialog } from '../dialogs'
import { useServers } from '../fleet/queries'
import { useMay } from '../queries'
import type { Deed } from '../reason-dialog'
import { StateBadge } from '../state-badge'

type Row = Schemas['PanelKeyBody']
const STATES = ['live', 'revoked', 'expired'] as const

function stateOf(row: Row, now: number): (typeof STATES)[number] {
  if (row.revoked_at) return 'revoked'
  return row.expires_at && new Date(row.expires_at).getTime() <= now ? 'expired' : 'live'
}

export function PanelKeysList() {
  const t = useTranslations('staff')
  const state = useTableState(['state'])
  const now = useNow()
  const [deed, setDeed] = useState<Deed | null>(null)
  const [making, make] = useDisclosure()
  const may = useMay('panel_keys.manage')
  const source = useWhole<Row>(['panel-keys'], (cursor, limit) => take(api.GET('/api/v1/admin/panel-keys', { params: { query: { cursor, limit } } })))
  return (
    <>
      <PageHeader
        title={t('titles.panelKeys')}
        text={t('panelKeys.text')}
        action={
          may && (
            <Button size="sm" onClick={make.open}>
              {t('panelKeys.make')}
            </Button>
          )
        }
      />
      <DeskTable
        label={t('titles.panelKeys')}
        file="panel-keys"
        columns={useColumns(setDeed)}
        source={source}
        state={state}
        rowKey={(row) => row.id}
        search={t('panelKeys.search')}
        filters={[
          {
            key: 'state',
            all: t('table.allStates'),
            options: STATES.map((value) => ({ value, label: t(`state.${value}`) })),
            test: (row, value) => stateOf(row, now) === value,
          },
        ]}
        empty={{ title: t('panelKeys.empty'), text: t('panelKeys.emptyText') }}
      />
      {making && <NewKey opened onClose={make.close} />}
      {deed && <ReasonDialog deed={deed} onClose={() => setDeed(null)} />}
    </>
  )
}

function useColumns(onDeed: (deed: Deed) => void): DeskColumn<Row>[] {
  const t = useTranslations('staff')
  const now = useNow()
  const servers = useServers().data
  const serverOf = (row: Row) =>
    row.server_id ? (servers?.find((server) => server.id === row.server_id)?.name ?? row.server_id) : t('panelKeys.anyServer')
  return [
    { key: 'name', title: t('columns.name'), value: (row) => row.name, render: (row) => row.name },
    { key: 'key', title: t('columns.key'), value: (row) => row.key_id, render: (row) => <CopyText value={row.key_id} what={t('columns.key')} /> },
    {
      key: 'state',
      title: t('columns.state'),
      value: (row) => t(`state.${stateOf(row, now)}`),
      render: (row) => <StateBadge state={stateOf(row, now)} />,
    },
    { key: 'may', title: t('columns.permissions'), value: (row) => row.permissions.join(' '), render: (row) => row.permissions.join(', ') },
    { key: 'server', title: t('columns.server'), value: serverOf, render: serverOf },
    {
      key: 'addresses',
      title: t('columns.addresses'),
      value: (row) => row.addresses.join(' '),
      render: (row) => (row.addresses.length > 0 ? row.addresses.join(', ') : t('panelKeys.anyAddress')),
    },
    { key: 'used', title: t('columns.lastUsed'), value: (row) => row.last_used_at, render: (row) => <When at={row.last_used_at} time /> },
    { key: 'expires', title: t('columns.expires'), value: (row) => row.expires_at, render: (row) => <When at={row.expires_at} relative /> },
    { key: 'do', title: t('columns.do'), render: (row) => <Revoke row={row} onDeed={onDeed} /> },
  ]
}

function Revoke({ row, onDeed }: { row: Row; onDeed: (deed: Deed) => void }) {
  const t = useTranslations('staff.panelKeys')
  const may = useMay('panel_keys.manage')
  if (!may || row.revoked_at) return null
  const deed: Deed = {
    title: t('revokeTitle', { name: row.name }),
    text: t('revokeText'),
    submit: t('revoke'),
    done: t('revoked'),
    danger: true,
    run: (reason) => take(api.DELETE('/api/v1/admin/panel-keys/{key_id}', { params: { path: { key_id: row.key_id }, query: { reason } } })),
  }
  return (
    <Button size="compact-xs" variant="default" onClick={() => onDeed(deed)} aria-label={deed.title}>
      {t('revoke')}
    </Button>
  )
}
