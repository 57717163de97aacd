'use client'

import { Alert, Checkbox, Group, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { type ReactNode, useState } from 'react'
import { Problem } from '@/api/client'
import { Facts } from '@/components/facts'
import { Choice } from '@/components/form/choice'
import { Money, useMoney } from '@/components/money'
import { Outdated } from '@/components/outdated'
import { ProblemAlert } from '@/components/problem-alert'
import { moneyText } from '../amounts'
import { type Deed, ReasonDialog } from '../reason-dialog'
import { scopeOf, type Way } from './credit-scope'
import classes from './invoices.module.css'
import { type CreditPreview, type CreditScope, creditNote, type Invoice, type LineReasons, previewCredit, useExplanation } from './queries'

const TYPING_ENDS = 300

/** Takes an invoice back: whole, an amount of it, or by line; what the note will say is shown before it is issued. */
export function CreditDialog({ invoice, onClose }: { invoice: Invoice; onClose: () => void }) {
  const t = useTranslations('desk.creditNote')
  const { currency } = invoice.total
  const [way, setWay] = useState<Way>('whole')
  const [amount, setAmount] = useState('')
  const [lines, setLines] = useState<Record<string, string>>({})
  const scope = scopeOf({ way, amount, lines }, currency)
  const reasons = useExplanation(invoice.id).data?.lines ?? []
  const deed: Deed = {
    title: t('title', { number: invoice.number ?? '' }),
    text: t('text'),
    hint: t('reasonHint'),
    submit: t('submit'),
    done: t('done'),
    danger: true,
    size: 'lg',
    names: ['amount', 'lines', 'by_line'],
    run: (reason, key) => {
      if (!scope)
        throw new Problem(422, 'invalid', '', [
          { field: way === 'amount' ? 'amount' : 'lines', message: t(way === 'amount' ? 'noAmount' : 'noLine') },
        ])
      return creditNote(invoice.id, scope, reason, key)
    },
    fields: (faults) => (
      <>
        <Choice
          label={t('way')}
          value={way}
          onChange={setWay}
          data={(['whole', 'amount', 'lines'] as const).map((value) => ({ value, label: t(value === 'amount' ? 'amountWay' : value) }))}
        />
        {way === 'amount' && (
          <TextInput
            size="sm"
            label={t('amount', { currency })}
            description={t('amountHint')}
            inputMode="decimal"
            value={amount}
            error={faults.amount}
            onChange={(event) => setAmount(event.currentTarget.value)}
            required
          />
        )}
        {way === 'lines' && <LineChoice reasons={reasons} lines={lines} onChange={setLines} fault={faults.lines ?? faults.by_line} />}
        <Preview invoice={invoice} scope={scope} />
      </>
    ),
  }
  return <ReasonDialog deed={deed} onClose={onClose} />
}

interface LineChoiceProps {
  reasons: LineReasons[]
  lines: Record<string, string>
  onChange: (lines: Record<string, string>) => void
  fault?: string
}

function LineChoice({ reasons, lines, onChange, fault }: LineChoiceProps) {
  const t = useTranslations('desk.creditNote')
  const money = useMoney()
  const toggle = (id: string, on: boolean) => {
    const { [id]: _gone, ...rest } = lines
    onChange(on ? { ...rest, [id]: '' } : rest)
  }
  return (
    <Stack gap="xs">
      {reasons.map(({ line, credited }) => {
        const left = { amount: line.gross.amount - credited.amount, currency: line.gross.currency }
        const on = line.id in lines
        return (
          <Group key={line.id} justify="space-between" align="flex-start" gap="sm">
            <Checkbox
              label={line.description}
              description={t('left', { left: money(left) })}
              checked={on}
              disabled={left.amount === 0 && line.gross.amount !== 0}
              onChange={(event) => toggle(line.id, event.currentTarget.checked)}
            />
            {on && (
              <TextInput
                size="xs"
                w={150}
                aria-label={t('amountOf', { line: line.description })}
                placeholder={moneyText(left)}
                inputMode="decimal"
                value={lines[line.id]}
                onChange={(event) => onChange({ ...lines, [line.id]: event.currentTarget.value })}
              />
            )}
          </Group>
        )
      })}
      <Text size="xs" c="dimmed">
        {t('linesHint')}
      </Text>
      {fault && (
        <Text size="sm" c="red" role="alert">
          {fault}
        </Text>
      )}
    </Stack>
  )
}

/** The API's own answer to what issuing it now would write. */
function Preview({ invoice, scope }: { invoice: Invoice; scope: CreditScope | null }) {
  const typed = scope ? JSON.stringify(scope) : null
  const [asked] = useDebouncedValue(typed, TYPING_ENDS)
  const found = useQuery<CreditPreview>({
    queryKey: ['staff', 'invoice', invoice.id, 'credit-preview', asked],
    queryFn: () => previewCredit(invoice.id, JSON.parse(asked ?? '{}') as CreditScope),
    enabled: asked !== null,
    placeholderData: keepPreviousData,
    retry: false,
  })
  if (!scope) return null
  if (found.error) return <ProblemAlert error={found.error} />
  if (!found.data) return null
  return (
    <Outdated when={typed !== asked || found.isPlaceholderData}>
      <PreviewShown preview={found.data} />
    </Outdated>
  )
}

function PreviewShown({ preview }: { preview: CreditPreview }) {
  const t = useTranslations('desk.creditNote')
  const staff = useTranslations('staff.columns')
  const each = (name: 'off_due' | 'off_written_off' | 'to_credit') =>
    [t(name), preview[name].amount !== 0 && <Money key={name} value={preview[name]} />] as [string, ReactNode]
  return (
    <Alert color="gray" variant="light" title={t('preview')} role="status">
      <table className={classes.entries} aria-label={staff('what')}>
        <tbody>
          {preview.lines.map((line) => (
            <tr key={line.line_id}>
              <td>{line.description}</td>
              <td data-number>
                <Money value={line.gross} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Facts
        of={[
          [staff('net'), <Money key="net" value={preview.net} />],
          [staff('tax'), <Money key="tax" value={preview.tax} />],
          [staff('total'), <Money key="total" value={preview.total} />],
          each('off_due'),
          each('off_written_off'),
          each('to_credit'),
        ]}
      />
    </Alert>
  )
}
