'use client'

import { Button, Card, Group, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { type FormEvent, useState } from 'react'
import { api, take } from '@/api/client'
import { useOnce } from '@/api/once'
import { useFaults } from '@/components/form/faults'
import Link from '@/components/link'
import { FormProblem } from '@/components/problem-alert'
import { CustomerPicker } from './customer-picker'
import { bodyOf, type DraftValues, type LineValues, namesOf, newLine } from './draft'
import { DraftLine } from './draft-line'
import { changeDraft, type Invoice, writeDraft } from './queries'

interface DraftFormProps {
  initial: DraftValues
  /** The draft that is changed; without: a new one is written. */
  of?: Invoice
}

export function DraftForm({ initial, of }: DraftFormProps) {
  const t = useTranslations('desk.draft')
  const router = useRouter()
  const queries = useQueryClient()
  const [values, setValues] = useState(initial)
  const [key] = useState(() => crypto.randomUUID())
  const plans = usePlans()
  const sent = useOnce<Invoice>({
    mutationFn: async () => {
      const { customer_id, ...body } = bodyOf(values, { amount: t('noAmount'), number: t('noNumber'), customer: t('noCustomer') })
      return of ? changeDraft(of.id, of.version, body) : writeDraft({ customer_id, ...body }, key)
    },
    onSuccess: (invoice) => {
      notifications.show({ message: t('kept'), color: 'green' })
      void queries.invalidateQueries({ queryKey: ['staff'] })
      router.push(`/admin/invoices/${invoice.id}`)
    },
  })
  const faults = useFaults(sent.error, namesOf(values))
  const set = (part: Partial<DraftValues>) => setValues((before) => ({ ...before, ...part }))
  const setLine = (at: number, part: Partial<LineValues>) =>
    set({ lines: values.lines.map((line, place) => (place === at ? { ...line, ...part } : line)) })
  const send = (event: FormEvent) => {
    event.preventDefault()
    sent.send()
  }
  return (
    <form ref={faults.form} onSubmit={send} noValidate>
      <Stack gap="md">
        <FormProblem error={sent.error} faults={faults} />
        {!of && (
          <Card padding="md">
            <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
              <CustomerPicker value={values.customerId} onChange={(customerId) => set({ customerId })} error={faults.fields.customer_id} />
              <TextInput
                size="sm"
                w={140}
                label={t('currency')}
                description={t('currencyHint')}
                maxLength={3}
                value={values.currency}
                error={faults.fields.currency}
                onChange={(event) => set({ currency: event.currentTarget.value.toUpperCase() })}
                required
              />
            </SimpleGrid>
          </Card>
        )}
        <Card padding="md" component="section" aria-label={t('lines')}>
          {values.lines.map((line, at) => (
            <DraftLine
              key={line.key}
              at={at}
              line={line}
              plans={plans}
              faults={faults.fields}
              currency={values.currency}
              onChange={(part) => setLine(at, part)}
              onRemove={values.lines.length > 1 ? () => set({ lines: values.lines.filter((each) => each !== line) }) : undefined}
            />
          ))}
          <Button
            variant="default"
            size="sm"
            mt="sm"
            style={{ alignSelf: 'flex-start' }}
            onClick={() => set({ lines: [...values.lines, newLine()] })}
          >
            {t('add')}
          </Button>
        </Card>
        <Printed values={values} faults={faults.fields} set={set} />
        <Text size="sm" c="dimmed">
          {t('hint')}
        </Text>
        <Group>
          <Button type="submit" loading={sent.isPending}>
            {of ? t('change') : t('write')}
          </Button>
          <Button variant="default" component={Link} href={of ? `/admin/invoices/${of.id}` : '/admin/invoices'}>
            {t('back')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function Printed({ values, faults, set }: { values: DraftValues; faults: Record<string, string>; set: (part: Partial<DraftValues>) => void }) {
  const t = useTranslations('desk.draft')
  return (
    <Card padding="md" component="section" aria-label={t('printed')}>
      <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="md">
        <TextInput
          size="sm"
          label={t('buyerReference')}
          description={t('buyerReferenceHint')}
          maxLength={100}
          value={values.buyerReference}
          error={faults.buyer_reference}
          onChange={(event) => set({ buyerReference: event.currentTarget.value })}
        />
        <TextInput
          size="sm"
          label={t('orderNumber')}
          description={t('orderNumberHint')}
          maxLength={100}
          value={values.orderNumber}
          error={faults.order_number}
          onChange={(event) => set({ orderNumber: event.currentTarget.value })}
        />
        <TextInput
          size="sm"
          label={t('terms')}
          description={t('termsHint')}
          inputMode="numeric"
          value={values.terms}
          error={faults.terms_days}
          onChange={(event) => set({ terms: event.currentTarget.value })}
          required
        />
      </SimpleGrid>
      <Textarea
        mt="md"
        label={t('notes')}
        description={t('notesHint')}
        maxLength={2000}
        autosize
        minRows={2}
        value={values.notes}
        error={faults.notes}
        onChange={(event) => set({ notes: event.currentTarget.value })}
      />
    </Card>
  )
}

/** Hosting plans and products: what a line may be of. */
function usePlans(): { value: string; label: string }[] {
  const found = useQuery({
    queryKey: ['staff', 'sold'],
    queryFn: async () => {
      const kinds = ['hosting', 'product'] as const
      const lists = await Promise.all(kinds.map((kind) => take(api.GET('/api/v1/plans', { params: { query: { kind } } }))))
      return lists.flatMap((list) => list.items)
    },
  })
  return (found.data ?? []).map((plan) => ({ value: plan.code, label: plan.name }))
}
