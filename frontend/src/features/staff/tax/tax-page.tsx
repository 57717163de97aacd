'use client'

import { Alert, Button, Card, SimpleGrid, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { Problem } from '@/api/client'
import { EmptyState } from '@/components/empty-state'
import { Facts } from '@/components/facts'
import { Money, useMoney } from '@/components/money'
import { Trouble } from '@/components/trouble'
import { useToday } from '@/features/company'
import { parseMoney } from '../amounts'
import { ReasonDialog } from '../dialogs'
import { SideLink } from '../parts'
import { useMay } from '../queries'
import type { Deed } from '../reason-dialog'
import { PolicyFacts } from './policy-facts'
import { enterOpening, type Threshold, useOpenTasks, usePolicies, useThreshold } from './queries'
import { TaxFrame } from './tax-frame'
import { ThresholdMeter } from './threshold-meter'

/** How tax is charged now, how far the threshold is, and what waits for somebody. */
export function TaxPage() {
  const t = useTranslations('staff.titles')
  const words = useTranslations('desk.tax')
  const policies = usePolicies()
  const tasks = useOpenTasks()
  const today = useToday()
  const policy = policies.data?.find((each) => each.effective_on <= today)
  const open = tasks.data?.items.length ?? 0
  return (
    <TaxFrame title={t('tax')} text={words('text')}>
      {policies.error && <Trouble error={policies.error} retry={() => void policies.refetch()} />}
      {!policies.data && !policies.error && <Skeleton height={280} radius="lg" />}
      {policies.data && (
        <Stack gap="md">
          {open > 0 && (
            <Alert color="orange">
              <SideLink href="/admin/tax/tasks">{words('tasksOpen', { count: open })}</SideLink>
            </Alert>
          )}
          <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md" style={{ alignItems: 'start' }}>
            <Card component="section" aria-labelledby="policy">
              <Title order={2} fz={18} mb="sm" id="policy">
                {words('policyNow')}
              </Title>
              {policy ? <PolicyFacts policy={policy} /> : <Text c="dimmed">{words('noPolicy')}</Text>}
            </Card>
            <ThresholdCard />
          </SimpleGrid>
        </Stack>
      )}
    </TaxFrame>
  )
}

function ThresholdCard() {
  const words = useTranslations('desk.threshold')
  const found = useThreshold()
  const [open, setOpen] = useState(false)
  const may = useMay('tax.manage')
  const threshold = found.data
  if (found.error) return <Trouble error={found.error} retry={() => void found.refetch()} />
  if (found.isPending) return <Skeleton height={240} radius="lg" />
  if (!threshold) return <EmptyState title={words('none')} text={words('noneText')} />
  return (
    <Card component="section" aria-labelledby="threshold">
      <Title order={2} fz={18} mb={4} id="threshold">
        {words('heading', { year: threshold.year })}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {words('text')}
      </Text>
      <ThresholdMeter threshold={threshold} />
      <Facts
        of={[
          [words('total'), <Money key="t" value={threshold.total} />],
          [words('highest'), <Money key="h" value={threshold.highest} />],
          [words('lastYear'), <Money key="l" value={threshold.last_year_highest} />],
          [words('limit'), threshold.limit ? <Money key="i" value={threshold.limit} /> : words('noLimit')],
          [words('next'), words(threshold.past ? 'past' : 'below')],
        ]}
      />
      {may && (
        <Button variant="default" size="sm" mt="sm" onClick={() => setOpen(true)}>
          {words('opening')}
        </Button>
      )}
      {open && <OpeningDialog threshold={threshold} onClose={() => setOpen(false)} />}
    </Card>
  )
}

/** What another program sold before: the year's opening sum. */
function OpeningDialog({ threshold, onClose }: { threshold: Threshold; onClose: () => void }) {
  const words = useTranslations('desk.threshold')
  const kept = useTranslations('staff.license')('kept')
  const money = useMoney()
  const { currency } = threshold.total
  const [year, setYear] = useState(String(threshold.year))
  const [amount, setAmount] = useState('')
  const deed: Deed = {
    title: words('opening'),
    text: words('openingText', { total: money(threshold.total) }),
    submit: words('openingSubmit'),
    done: words('openingDone'),
    hint: kept,
    names: ['year', 'amount'],
    run: (reason) => {
      const found = parseMoney(amount, currency)
      if (!found) throw new Problem(422, 'invalid', '', [{ field: 'amount', message: words('noAmount') }])
      return enterOpening({ year: Number(year), amount: found.amount, reason })
    },
    fields: (faults) => (
      <SimpleGrid cols={2} spacing="sm">
        <TextInput
          size="sm"
          label={words('year')}
          inputMode="numeric"
          value={year}
          error={faults.year}
          onChange={(event) => setYear(event.currentTarget.value)}
          required
        />
        <TextInput
          size="sm"
          label={words('amount', { currency })}
          inputMode="decimal"
          value={amount}
          error={faults.amount}
          onChange={(event) => setAmount(event.currentTarget.value)}
          required
        />
      </SimpleGrid>
    ),
  }
  return <ReasonDialog deed={deed} onClose={onClose} />
}
