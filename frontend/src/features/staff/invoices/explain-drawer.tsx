'use client'

import { Drawer, Skeleton, Stack } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { Trouble } from '@/components/trouble'
import { EntryReasons } from './explain-entry'
import { LineExplained } from './explain-line'
import { WholeExplained } from './explain-whole'
import type { EntryPlace } from './ledger'
import { type Invoice, useExplanation } from './queries'

/** What is to be explained: a line with its tax, the sums, or an entry of the books. */
export type Question = { of: 'line'; id: string } | { of: 'whole' } | { of: 'entry'; entry: EntryPlace }

interface ExplainDrawerProps {
  invoice: Invoice
  question: Question
  onClose: () => void
}

/** From a number to its inputs, its rule and the rule's version. */
export function ExplainDrawer({ invoice, question, onClose }: ExplainDrawerProps) {
  const t = useTranslations('desk.explain')
  const close = useTranslations('staff.deed')('close')
  const found = useExplanation(invoice.id)
  const explanation = found.data
  const line = question.of === 'line' && explanation?.lines.find((each) => each.line.id === question.id)
  return (
    <Drawer opened onClose={onClose} position="right" size={560} title={t(question.of)} closeButtonProps={{ 'aria-label': close }}>
      {found.error && <Trouble error={found.error} retry={() => void found.refetch()} />}
      {!explanation && !found.error && <Skeleton height={240} />}
      <Stack gap="lg">
        {line && <LineExplained reasons={line} />}
        {explanation && question.of === 'whole' && <WholeExplained invoice={invoice} />}
        {question.of === 'entry' && <EntryReasons of={question.entry} />}
      </Stack>
    </Drawer>
  )
}
