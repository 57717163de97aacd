'use client'

import { Button, Group } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useTranslations } from 'next-intl'
import { api, take } from '@/api/client'
import { useOnce } from '@/api/once'
import { ProblemAlert } from '@/components/problem-alert'

type Read = () => Promise<unknown>

interface Paper {
  /** Such as INV-2026-000042. */
  number: string
  pdf?: Read
  xml?: Read
}

const blob = { parseAs: 'blob' } as const

export const papers = {
  invoice: (id: string, number: string): Paper => ({
    number,
    pdf: () => take(api.GET('/api/v1/invoices/{invoice_id}/pdf', { params: { path: { invoice_id: id } }, ...blob })),
    xml: () => take(api.GET('/api/v1/invoices/{invoice_id}/xml', { params: { path: { invoice_id: id } }, ...blob })),
  }),
  creditNote: (id: string, number: string): Paper => ({
    number,
    pdf: () => take(api.GET('/api/v1/credit-notes/{credit_note_id}/pdf', { params: { path: { credit_note_id: id } }, ...blob })),
    xml: () => take(api.GET('/api/v1/credit-notes/{credit_note_id}/xml', { params: { path: { credit_note_id: id } }, ...blob })),
  }),
  receipt: (id: string, number: string): Paper => ({
    number,
    pdf: () => take(api.GET('/api/v1/receipts/{payment_id}/pdf', { params: { path: { payment_id: id } }, ...blob })),
  }),
  proforma: (id: string, number: string): Paper => ({
    number,
    pdf: () => take(api.GET('/api/v1/invoices/proformas/{proforma_id}/pdf', { params: { path: { proforma_id: id } }, ...blob })),
  }),
}

/** By the session rather than by a bare link: an access that ran out is renewed, and a refusal is told here. */
export async function saveAs(name: string, read: Read): Promise<void> {
  const file = (await read()) as Blob
  const url = URL.createObjectURL(file)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}

export function Files({ paper, small }: { paper: Paper; small?: boolean }) {
  const t = useTranslations('desk.files')
  const kept = useOnce<void, 'pdf' | 'xml'>({
    mutationFn: async (kind) => {
      const read = paper[kind]
      if (read) await saveAs(`${paper.number}.${kind}`, read)
    },
  })
  const kinds = (['pdf', 'xml'] as const).filter((kind) => paper[kind])
  return (
    <>
      <Group gap="xs" wrap="nowrap">
        {kinds.map((kind) => (
          <Button
            key={kind}
            variant="default"
            size={small ? 'compact-xs' : 'sm'}
            leftSection={small ? undefined : <IconDownload size={16} aria-hidden />}
            onClick={() => kept.send(kind)}
            loading={kept.isPending}
            aria-label={t('label', { kind: kind.toUpperCase(), number: paper.number })}
          >
            {kind.toUpperCase()}
          </Button>
        ))}
      </Group>
      {kept.error && <ProblemAlert error={kept.error} />}
    </>
  )
}
