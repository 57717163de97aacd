'use client'

import { Badge, Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { api, type Schemas, take } from '@/api/client'
import type { DeskColumn } from '@/components/data-table/desk-rows'
import { DeskTable } from '@/components/data-table/desk-table'
import { among, useTableState } from '@/components/data-table/table-state'
import { useWhole } from '@/components/data-table/whole'
import { PageHeader } from '@/components/page-header'
import { When } from '@/components/when'
import { InviteDialog, ReasonDialog } from '../dialogs'
import { RowLink, toCustomer } from '../parts'
import { useMay } from '../queries'
import type { Deed } from '../reason-dialog'

type Row = Schemas['UserBody']
const ROLES = ['support', 'billing', 'admin', 'customer'] as const
const ABLE = ['yes', 'no'] as const

export function UsersList() {
  const t = useTranslations('staff')
  const state = useTableState(['role', 'disabled'])
  const [deed, setDeed] = useState<Deed | null>(null)
  const [inviting, invite] = useDisclosure()
  const may = useMay('users.manage')
  const disabled = among(ABLE, state.chosen.disabled)
  const query = { search: state.q || undefined, role: among(ROLES, state.chosen.role), disabled: disabled && disabled === 'yes' }
  const source = useWhole<Row>(['users', query], (cursor, limit) =>
    take(api.GET('/api/v1/admin/users', { params: { query: { ...query, cursor, limit } } })),
  )
  return (
    <>
      <PageHeader
        title={t('titles.users')}
        text={t('users.text')}
        action={
          may && (
            <Button size="sm" onClick={invite.open}>
              {t('users.invite')}
            </Button>
          )
        }
      />
      <DeskTable
        label={t('titles.users')}
        file="users"
        columns={useColumns(setDeed)}
        source={source}
        state={state}
        rowKey={(row) => row.id}
        search={t('users.search')}
        searchedByApi
        filters={[
          { key: 'role', all: t('users.allRoles'), options: ROLES.map((value) => ({ value, label: t(`users.${value}`) })) },
          { key: 'disabled', all: t('customers.allLogins'), options: ABLE.map((value) => ({ value, label: t(`users.disabled_${value}`) })) },
        ]}
        empty={{ title: t('users.empty'), text: t('users.emptyText') }}
      />
      {inviting && <InviteDialog opened onClose={invite.close} />}
      {deed && <ReasonDialog deed={deed} onClose={() => setDeed(null)} />}
    </>
  )
}

function useColumns(onDeed: (deed: Deed) => void): DeskColumn<Row>[] {
  const t = useTranslations('staff')
  const stateOf = (row: Row) => {
    if (row.disabled) return 'disabled'
    return row.email_verified ? 'verified' : 'unverified'
  }
  return [
    {
      key: 'email',
      title: t('columns.email'),
      value: (row) => row.email,
      render: (row) => (row.customer_id ? <RowLink href={toCustomer(row.customer_id)}>{row.email}</RowLink> : row.email),
    },
    { key: 'role', title: t('columns.role'), value: (row) => t(`users.${row.role}`), render: (row) => t(`users.${row.role}`) },
    {
      key: 'state',
      title: t('columns.login'),
      value: (row) => t(`customers.${stateOf(row)}`),
      render: (row) => (
        <Badge variant="light" radius="sm" tt="none" color={{ verified: 'green', unverified: 'orange', disabled: 'red' }[stateOf(row)]}>
          {t(`customers.${stateOf(row)}`)}
        </Badge>
      ),
    },
    { key: 'created', title: t('columns.since'), value: (row) => row.created_at, render: (row) => <When at={row.created_at} /> },
    { key: 'disabledAt', title: t('columns.disabledAt'), value: (row) => row.disabled_at, render: (row) => <When at={row.disabled_at} time /> },
    { key: 'do', title: t('columns.do'), render: (row) => <Deeds row={row} onDeed={onDeed} /> },
  ]
}

/** The version that was read goes along: what a colleague changed meanwhile is not overwritten. */
function change(row: Row, disabled: boolean, reason: string) {
  const params = { path: { user_id: row.id }, header: { 'if-match': `"${row.version}"` } }
  return take(api.PUT('/api/v1/admin/users/{user_id}', { params, body: { disabled, reason } }))
}

function Deeds({ row, onDeed }: { row: Row; onDeed: (deed: Deed) => void }) {
  const t = useTranslations('staff.users')
  const may = useMay('users.manage')
  if (!may) return null
  const name = row.email
  const deed: Deed = row.disabled
    ? {
        title: t('enableTitle', { name }),
        text: t('enableText'),
        submit: t('enable'),
        done: t('enabled'),
        run: (reason) => change(row, false, reason),
      }
    : {
        title: t('disableTitle', { name }),
        text: t('disableText'),
        submit: t('disable'),
        done: t('disabled'),
        danger: true,
        run: (reason) => change(row, true, reason),
      }
  return (
    <Button size="compact-xs" variant="default" onClick={() => onDeed(deed)} aria-label={deed.title}>
      {deed.submit}
    </Button>
  )
}
