'use client'

import { NativeSelect, SimpleGrid, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { Problem } from '@/api/client'
import { useMoney } from '@/components/money'
import { moneyText, parseMoney } from '../amounts'
import { type Deed, ReasonDialog } from '../reason-dialog'
import { type Invoice, type Payment, pay, useFreeCredit } from './queries'

const METHODS = ['bank_transfer', 'cash', 'cheque', 'card_terminal', 'other', 'credit'] as const
type Method = (typeof METHODS)[number]

interface PayDialogProps {
  invoice: Invoice
  /** Pays from credit to begin with. */
  fromCredit?: boolean
  onClose: () => void
}

/** Money that came past the gateway, or the customer's credit: the whole or a part of what is due. */
export function PayDialog({ invoice, fromCredit, onClose }: PayDialogProps) {
  const t = useTranslations('desk.pay')
  const how = useTranslations('desk.method')
  const money = useMoney()
  const { currency } = invoice.total
  const owed = { amount: invoice.due.amount + invoice.written_off.amount, currency }
  const [values, set] = useState({ method: (fromCredit ? 'credit' : 'bank_transfer') as Method, amount: moneyText(owed), reference: '', on: '' })
  const change = (part: Partial<typeof values>) => set((before) => ({ ...before, ...part }))
  const credit = values.method === 'credit'
  const free = useFreeCredit(invoice.customer_id, currency, credit)
  const deed: Deed = {
    plain: true,
    title: t('title', { number: invoice.number ?? '' }),
    text: credit ? t('creditText', { free: money(free ?? { amount: 0, currency }), owed: money(owed) }) : t('text', { owed: money(owed) }),
    submit: credit ? t('useCredit') : t('submit'),
    done: t('done'),
    names: ['method', 'amount', 'reference', 'received_on'],
    run: (_reason, key) => pay(invoice.id, bodyOf(), key),
    fields: (faults) => (
      <>
        <NativeSelect
          size="sm"
          label={t('method')}
          value={values.method}
          onChange={(event) => change({ method: event.currentTarget.value as Method })}
          data={METHODS.map((value) => ({ value, label: how(value) }))}
        />
        <SimpleGrid cols={{ base: 1, xs: credit ? 1 : 2 }} spacing="sm">
          <TextInput
            size="sm"
            data-autofocus
            label={t('amount', { currency })}
            description={credit ? t('amountOfCredit') : undefined}
            inputMode="decimal"
            value={values.amount}
            error={faults.amount}
            onChange={(event) => change({ amount: event.currentTarget.value })}
            required={!credit}
          />
          {!credit && (
            <TextInput
              size="sm"
              type="date"
              label={t('on')}
              value={values.on}
              error={faults.received_on}
              onChange={(event) => change({ on: event.currentTarget.value })}
            />
          )}
        </SimpleGrid>
        {!credit && (
          <TextInput
            size="sm"
            label={t('reference')}
            description={t('referenceHint')}
            maxLength={140}
            value={values.reference}
            error={faults.reference}
            onChange={(event) => change({ reference: event.currentTarget.value })}
            required
          />
        )}
      </>
    ),
  }
  function bodyOf(): Payment {
    const typed = values.amount.trim()
    const amount = typed ? parseMoney(typed, currency) : null
    if (typed && !amount) throw new Problem(422, 'invalid', '', [{ field: 'amount', message: t('noAmount') }])
    if (credit) return { method: 'credit', amount }
    return { method: values.method, amount, reference: values.reference.trim() || null, received_on: values.on || null }
  }
  return <ReasonDialog deed={deed} onClose={onClose} />
}
