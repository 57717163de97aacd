'use client'

import { Button, Checkbox, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { useNow } from '@/components/clock'
import { CopyText } from '@/components/copy-text'
import { DataTable } from '@/components/data-table'
import { EmptyState } from '@/components/empty-state'
import { PageHeader } from '@/components/page-header'
import { Trouble } from '@/components/trouble'
import { When } from '@/components/when'
import { ReasonDialog } from '../dialogs'
import { useMay } from '../queries'
import type { Deed } from '../reason-dialog'
import { StateBadge } from '../state-badge'
import { rotateSigningKey, type SigningKey, useSigningKeys } from './queries'

export type KeyState = 'coming' | 'signing' | 'retired' | 'gone'

/** A key is shown before it signs and after, so that panels know it in time and for as long as leases signed with it last. */
export function keyStateOf(key: SigningKey, now: number): KeyState {
  if (key.published_until && Date.parse(key.published_until) <= now) return 'gone'
  if (Date.parse(key.signs_from) > now) return 'coming'
  return key.signs_until && Date.parse(key.signs_until) <= now ? 'retired' : 'signing'
}

export function SigningKeysPage() {
  const t = useTranslations('staff.signingKeys')
  const titles = useTranslations('staff.titles')
  const { data, error, refetch } = useSigningKeys()
  const may = useMay('panel_keys.manage')
  const [rotating, rotate] = useDisclosure()
  return (
    <>
      <PageHeader
        title={titles('signingKeys')}
        text={t('text')}
        action={
          may && (
            <Button size="sm" onClick={rotate.open}>
              {t('rotate')}
            </Button>
          )
        }
      />
      {error && <Trouble error={error} retry={() => void refetch()} />}
      {data?.length === 0 && <EmptyState title={t('empty')} text={t('emptyText')} />}
      {!error && data?.length !== 0 && <KeyTable keys={data} />}
      <Text size="sm" c="dimmed" mt="sm">
        {t('published')} <CopyText value="/.well-known/license-keys.json" what={t('publishedAt')} />
      </Text>
      {rotating && <RotateSigningKey onClose={rotate.close} />}
    </>
  )
}

function RotateSigningKey({ onClose }: { onClose: () => void }) {
  const t = useTranslations('staff.signingKeys')
  const [compromised, setCompromised] = useState(false)
  const deed: Deed = {
    title: t('rotateTitle'),
    text: t('rotateText'),
    submit: t('rotate'),
    done: t('rotated'),
    hint: t('kept'),
    danger: compromised,
    names: ['compromised'],
    run: (reason) => rotateSigningKey(reason, compromised),
    fields: () => (
      <Checkbox
        data-autofocus
        label={t('compromised')}
        description={t('compromisedHint')}
        checked={compromised}
        onChange={(event) => setCompromised(event.currentTarget.checked)}
      />
    ),
  }
  return <ReasonDialog deed={deed} onClose={onClose} />
}

function KeyTable({ keys }: { keys: SigningKey[] | undefined }) {
  const t = useTranslations('staff.signingKeys')
  const columns = useTranslations('staff.columns')
  const now = useNow()
  return (
    <DataTable
      dense
      label={t('list')}
      rows={keys}
      rowKey={(row) => row.kid}
      columns={[
        { key: 'kid', title: t('kid'), render: (row) => <CopyText value={row.kid} what={t('kid')} /> },
        { key: 'state', title: columns('state'), render: (row) => <StateBadge state={keyStateOf(row, now)} kind="signing" /> },
        { key: 'created', title: t('created'), render: (row) => <When at={row.created_at} time /> },
        { key: 'from', title: t('signsFrom'), render: (row) => <When at={row.signs_from} time /> },
        { key: 'until', title: t('signsUntil'), render: (row) => (row.signs_until ? <When at={row.signs_until} time /> : t('open')) },
        { key: 'published', title: t('publishedUntil'), render: (row) => (row.published_until ? <When at={row.published_until} time /> : t('open')) },
      ]}
    />
  )
}
