'use client'

import { Text, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useDraft } from '@/components/form/draft'
import { FormFrame } from '@/components/form/form-frame'
import { type Order, type OrderLine, useChooseName } from './queries'

/** The name was refused: another one for the same price, or the line is cancelled and paid back. */
export function ChooseName({ order, line }: { order: Order; line: OrderLine }) {
  const t = useTranslations('orders.choose')
  const [{ name }, setValues] = useDraft(`name:${line.id}`, order.customer_id, { name: '' })
  const choose = useChooseName(order.id, line.id)
  const chosen = name.trim().toLowerCase()
  return (
    <>
      <Text mt="md" mb="sm">
        {t('text', { name: line.domain_name ?? '' })}
      </Text>
      <FormFrame
        error={choose.error}
        names={['name']}
        submit={chosen ? t('submitName', { name: chosen }) : t('submit')}
        busy={choose.isPending}
        onSend={() => choose.mutate(chosen)}
      >
        {(faults) => (
          <TextInput
            label={t('label')}
            value={name}
            onChange={(event) => setValues({ name: event.currentTarget.value })}
            error={faults.name}
            maw={420}
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
            required
          />
        )}
      </FormFrame>
    </>
  )
}
