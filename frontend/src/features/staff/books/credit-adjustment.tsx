'use client'

import { SimpleGrid, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { Problem, type Schemas } from '@/api/client'
import { Choice } from '@/components/form/choice'
import { useMoney } from '@/components/money'
import { useCompany } from '@/features/company'
import { parseMoney } from '../amounts'
import { type Deed, ReasonDialog } from '../reason-dialog'
import { adjustCredit } from './queries'

interface CreditAdjustmentProps {
  customerId: string
  balances: Schemas['BalanceBody'][]
  onClose: () => void
}

/** Gives credit, or takes some of what is free. */
export function CreditAdjustment({ customerId, balances, onClose }: CreditAdjustmentProps) {
  const t = useTranslations('desk.credit')
  const kept = useTranslations('staff.license')('kept')
  const company = useCompany()
  const money = useMoney()
  const [way, setWay] = useState<'give' | 'take'>('give')
  const [amount, setAmount] = useState('')
  const [currency, setCurrency] = useState(balances[0]?.free.currency ?? company.currency)
  const free = balances.find((each) => each.free.currency === currency)?.free ?? { amount: 0, currency: company.currency }
  const deed: Deed = {
    title: t('adjust'),
    text: way === 'give' ? t('giveText') : t('takeText', { free: money(free) }),
    submit: t(way),
    done: t('done'),
    hint: kept,
    names: ['amount', 'currency'],
    run: (reason, key) => {
      const found = parseMoney(amount, currency)
      if (!found || found.amount <= 0) throw new Problem(422, 'invalid', '', [{ field: 'amount', message: t('noAmount') }])
      return adjustCredit(customerId, way === 'give' ? found : { ...found, amount: 0 - found.amount }, reason, key)
    },
    fields: (faults) => (
      <>
        <Choice label={t('way')} value={way} onChange={setWay} data={(['give', 'take'] as const).map((value) => ({ value, label: t(value) }))} />
        <SimpleGrid cols={2} spacing="sm">
          <TextInput
            size="sm"
            label={t('howMuch')}
            inputMode="decimal"
            value={amount}
            error={faults.amount}
            onChange={(event) => setAmount(event.currentTarget.value)}
            required
          />
          <TextInput
            size="sm"
            label={t('currency')}
            maxLength={3}
            value={currency}
            error={faults.currency}
            onChange={(event) => setCurrency(event.currentTarget.value.toUpperCase())}
            required
          />
        </SimpleGrid>
      </>
    ),
  }
  return <ReasonDialog deed={deed} onClose={onClose} />
}
