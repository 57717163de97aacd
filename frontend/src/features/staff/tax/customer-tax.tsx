'use client'

import { Button, Card, Group, Stack, Text, TextInput, Title } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQueryClient } from '@tanstack/react-query'
import { useLocale, useTranslations } from 'next-intl'
import { useState } from 'react'
import { Problem } from '@/api/client'
import { useOnce } from '@/api/once'
import { CopyText } from '@/components/copy-text'
import { DataTable } from '@/components/data-table'
import { ProblemAlert } from '@/components/problem-alert'
import { Trouble } from '@/components/trouble'
import { When } from '@/components/when'
import { useToday } from '@/features/company'
import { countryName } from '@/lib/address'
import { ExemptionDialog, ReasonDialog } from '../dialogs'
import { useMay } from '../queries'
import type { Deed } from '../reason-dialog'
import { IdBadge } from './id-badge'
import { checkTaxId, type Exemption, endExemption, type TaxedBuyer, useBuyer } from './queries'

/** What tax knows of a customer: the VAT id with its proofs, where they are, and certificates. */
export function CustomerTax({ id }: { id: string }) {
  const t = useTranslations('desk.buyer')
  const reads = useMay('tax.read')
  const may = useMay('tax.manage')
  const found = useBuyer(id, reads)
  const [granting, setGranting] = useState(false)
  if (!reads) return null
  return (
    <section aria-labelledby="tax">
      <Group justify="space-between" mb="xs">
        <Title order={2} fz={16} id="tax">
          {t('heading')}
        </Title>
        {may && (
          <Button variant="default" size="xs" onClick={() => setGranting(true)}>
            {t('grant')}
          </Button>
        )}
      </Group>
      {found.error && <Trouble error={found.error} retry={() => void found.refetch()} />}
      {found.data && (
        <Stack gap="xs">
          <TaxIdCard id={id} buyer={found.data} />
          {found.data.checks.length > 0 && <Checks buyer={found.data} />}
          {found.data.evidence.length > 0 && <Evidence buyer={found.data} />}
          {found.data.exemptions.length > 0 && <Exemptions rows={found.data.exemptions} />}
        </Stack>
      )}
      {granting && <ExemptionDialog customerId={id} onClose={() => setGranting(false)} />}
    </section>
  )
}

function TaxIdCard({ id, buyer }: { id: string; buyer: TaxedBuyer }) {
  const t = useTranslations('desk.buyer')
  const may = useMay('tax.manage')
  const queries = useQueryClient()
  const asked = useOnce({
    mutationFn: () => checkTaxId(id),
    onSuccess: () => {
      notifications.show({ message: t('asking'), color: 'green' })
      void queries.invalidateQueries({ queryKey: ['staff'] })
    },
  })
  const known = buyer.tax_id
  if (!known)
    return (
      <Card padding="sm">
        <Text size="sm" c="dimmed">
          {t('noId')}
        </Text>
      </Card>
    )
  return (
    <Card padding="sm">
      <Group justify="space-between" gap="sm">
        <Group gap="sm">
          <code className="np-code">{known.tax_id}</code>
          <IdBadge state={known.state} />
          <Text size="sm" c="dimmed">
            {known.checked_at ? (
              <>
                {t('checked')} <When at={known.checked_at} time />
              </>
            ) : (
              t('unchecked')
            )}
            {known.problem && ` · ${known.problem}`}
            {known.next_at && (
              <>
                {' '}
                · {t('next')} <When at={known.next_at} time />
              </>
            )}
          </Text>
        </Group>
        {may && (
          <Button variant="default" size="xs" onClick={() => asked.send()} loading={asked.isPending}>
            {t('check')}
          </Button>
        )}
      </Group>
      {asked.error && <ProblemAlert error={asked.error} />}
    </Card>
  )
}

function Checks({ buyer }: { buyer: TaxedBuyer }) {
  const t = useTranslations('desk.buyer')
  return (
    <DataTable
      dense
      label={t('checks')}
      rows={buyer.checks}
      rowKey={(row) => row.id}
      columns={[
        { key: 'at', title: t('at'), render: (row) => <When at={row.at} time /> },
        { key: 'id', title: t('id'), render: (row) => <code className="np-code">{row.tax_id}</code> },
        { key: 'outcome', title: t('outcome'), render: (row) => <IdBadge state={row.outcome} /> },
        { key: 'who', title: t('who'), render: (row) => [row.name, row.address, row.reason].filter(Boolean).join(' · ') },
        {
          key: 'proof',
          title: t('proof'),
          render: (row) => row.request_identifier && <CopyText value={row.request_identifier} what={t('proof')} />,
        },
      ]}
    />
  )
}

/** `customers.customer`, a path in messages, is looked up without its dot. */
const sourceKey = (source: string) => `source_${source.replaceAll('.', '_')}`

function Evidence({ buyer }: { buyer: TaxedBuyer }) {
  const t = useTranslations('desk.buyer')
  const locale = useLocale()
  return (
    <DataTable
      dense
      label={t('evidence')}
      rows={buyer.evidence}
      rowKey={(row) => row.subject_id + row.kind}
      columns={[
        { key: 'kind', title: t('evidence'), render: (row) => t(`evidence_${row.kind}`) },
        { key: 'country', title: t('country'), render: (row) => countryName(row.country, locale) },
        { key: 'source', title: t('source'), render: (row) => (t.has(sourceKey(row.source_type)) ? t(sourceKey(row.source_type)) : row.source_type) },
        { key: 'at', title: t('at'), render: (row) => <When at={row.at} time /> },
      ]}
    />
  )
}

function Exemptions({ rows }: { rows: Exemption[] }) {
  const t = useTranslations('desk.buyer')
  const locale = useLocale()
  const may = useMay('tax.manage')
  const today = useToday()
  const [ending, setEnding] = useState<Exemption | null>(null)
  return (
    <>
      <DataTable
        dense
        label={t('exemptions')}
        rows={rows}
        rowKey={(row) => row.id}
        columns={[
          { key: 'number', title: t('certificate'), render: (row) => row.number },
          { key: 'country', title: t('country'), render: (row) => [countryName(row.country, locale), row.state].filter(Boolean).join(', ') },
          { key: 'document', title: t('document'), render: (row) => row.document },
          { key: 'from', title: t('from'), render: (row) => <When at={row.valid_from} /> },
          { key: 'until', title: t('until'), render: (row) => <When at={row.valid_until} /> },
          {
            key: 'do',
            title: t('do'),
            render: (row) =>
              may &&
              row.valid_until >= today && (
                <Button variant="default" size="compact-xs" onClick={() => setEnding(row)}>
                  {t('end')}
                </Button>
              ),
          },
        ]}
      />
      {ending && <EndExemption exemption={ending} onClose={() => setEnding(null)} />}
    </>
  )
}

function EndExemption({ exemption, onClose }: { exemption: Exemption; onClose: () => void }) {
  const t = useTranslations('desk.buyer')
  const kept = useTranslations('staff.license')('kept')
  const [day, setDay] = useState('')
  const deed: Deed = {
    title: t('endTitle', { number: exemption.number }),
    text: t('endText'),
    submit: t('end'),
    done: t('ended'),
    hint: kept,
    names: ['last_day'],
    run: (reason) => {
      if (!day) throw new Problem(422, 'invalid', '', [{ field: 'last_day', message: t('noDay') }])
      return endExemption(exemption.id, day, reason)
    },
    fields: (faults) => (
      <TextInput
        size="sm"
        type="date"
        data-autofocus
        label={t('lastDay')}
        value={day}
        error={faults.last_day}
        onChange={(event) => setDay(event.currentTarget.value)}
        required
      />
    ),
  }
  return <ReasonDialog deed={deed} onClose={onClose} />
}
