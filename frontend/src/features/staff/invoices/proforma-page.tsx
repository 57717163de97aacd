'use client'

import { Button, Card, SimpleGrid, Skeleton, Stack, TextInput } from '@mantine/core'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { CopyText } from '@/components/copy-text'
import { Facts } from '@/components/facts'
import { Money } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { Trouble } from '@/components/trouble'
import { When } from '@/components/when'
import { ReasonDialog } from '../dialogs'
import { SideLink, toOrder } from '../parts'
import { useMay } from '../queries'
import type { Deed } from '../reason-dialog'
import { StateBadge } from '../state-badge'
import { Files, papers } from './files'
import { Lines } from './lines'
import { Notes } from './papers'
import { Buyer } from './parties'
import { issueProforma, type Proforma, useProforma } from './queries'

export function ProformaPage({ id }: { id: string }) {
  const t = useTranslations('staff.titles')
  const found = useProforma(id)
  const proforma = found.data
  return (
    <>
      <PageHeader
        title={proforma?.number ?? t('proforma')}
        badge={proforma && <StateBadge state={proforma.state} />}
        back={{ href: '/admin/invoices', label: t('invoices') }}
        action={proforma && <Files paper={papers.proforma(proforma.id, proforma.number)} />}
      />
      {found.error && <Trouble error={found.error} retry={() => found.refetch()} />}
      {!proforma && !found.error && <Skeleton height={320} radius="lg" />}
      {proforma && (
        <Stack gap="md">
          <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
            <Buyer buyer={proforma.buyer} />
            <AboutProforma proforma={proforma} />
          </SimpleGrid>
          <Lines lines={proforma.lines} />
          {proforma.notes && <Notes text={proforma.notes} />}
        </Stack>
      )}
    </>
  )
}

function AboutProforma({ proforma }: { proforma: Proforma }) {
  const t = useTranslations('staff')
  const words = useTranslations('desk.invoice')
  return (
    <Card padding="md" component="section" aria-label={t('invoices.facts')}>
      <Facts
        of={[
          [words('asked'), <When key="a" at={proforma.created_at} time />],
          [words('buyerReference'), proforma.buyer_reference],
          [words('orderNumber'), proforma.order_number],
          [
            t('columns.order'),
            proforma.origin_type === 'orders.order' && (
              <SideLink key="o" href={toOrder(proforma.origin_id)}>
                {t('invoices.openOrder')}
              </SideLink>
            ),
          ],
          [t('columns.net'), <Money key="n" value={proforma.net} />],
          [t('columns.tax'), <Money key="t" value={proforma.tax} />],
          [t('columns.total'), <Money key="g" value={proforma.total} />],
          [t('columns.id'), <CopyText key="i" value={proforma.id} shown={`…${proforma.id.slice(-12)}`} what={t('columns.id')} />],
        ]}
      />
      {proforma.state === 'open' && <IssueProforma proforma={proforma} />}
    </Card>
  )
}

/** For customers on terms: a legal invoice before it is paid. */
function IssueProforma({ proforma }: { proforma: Proforma }) {
  const t = useTranslations('desk.deed')
  const router = useRouter()
  const [open, setOpen] = useState(false)
  const [dueOn, setDueOn] = useState('')
  if (!useMay('invoices.manage')) return null
  const deed: Deed = {
    plain: true,
    title: t('proformaTitle', { number: proforma.number }),
    text: t('proformaText'),
    submit: t('proformaSubmit'),
    done: t('issueDone'),
    names: ['due_on'],
    run: async (_why, key) => {
      const invoice = await issueProforma(proforma.id, dueOn || null, key)
      router.push(`/admin/invoices/${invoice.id}`)
    },
    fields: (faults) => (
      <TextInput
        type="date"
        size="sm"
        data-autofocus
        label={t('dueOn')}
        description={t('proformaDue')}
        value={dueOn}
        error={faults.due_on}
        onChange={(event) => setDueOn(event.currentTarget.value)}
      />
    ),
  }
  return (
    <>
      <Button size="sm" mt="sm" onClick={() => setOpen(true)}>
        {t('proforma')}
      </Button>
      {open && <ReasonDialog deed={deed} onClose={() => setOpen(false)} />}
    </>
  )
}
