'use client'

import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { type FormEvent, useState } from 'react'
import { sortFaults } from '@/components/form/faults'
import { ProblemAlert } from '@/components/problem-alert'
import { type Order, type OrderLine, useChooseName } from './queries'

/** The name was refused: another one for the same price, or the line is cancelled and paid back. */
export function ChooseName({ order, line }: { order: Order; line: OrderLine }) {
  const t = useTranslations('orders.choose')
  const [name, setName] = useState('')
  const choose = useChooseName(order.id, line.id)
  const send = (event: FormEvent) => {
    event.preventDefault()
    choose.mutate(name.trim().toLowerCase())
  }
  return (
    <form onSubmit={send}>
      <Stack mt="md" gap="sm">
        <Text>{t('text', { name: line.domain_name ?? '' })}</Text>
        {choose.error && <ProblemAlert error={choose.error} />}
        <Group align="flex-end">
          <TextInput
            label={t('label')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={sortFaults(choose.error, ['name']).fields.name}
            flex={1}
            miw={200}
            autoCapitalize="none"
            spellCheck={false}
          />
          <Button type="submit" loading={choose.isPending}>
            {name ? t('submitName', { name }) : t('submit')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
