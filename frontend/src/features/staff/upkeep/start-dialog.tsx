'use client'

import { Button, Group, Modal, Skeleton, Stack, Text, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { useOnce } from '@/api/once'
import { ProblemAlert } from '@/components/problem-alert'
import { AsideTable } from './asides'
import { type DryRun, startRun } from './queries'
import { Sums } from './run-parts'

/** First what it would do; then, upon a press, it does it. */
export function StartDialog({ onClose }: { onClose: () => void }) {
  const t = useTranslations('upkeep.runs')
  const queries = useQueryClient()
  const router = useRouter()
  const [most, setMost] = useState('')
  const limit = most.trim() ? Number(most) : Number.NaN
  const dry = useQuery({
    queryKey: ['staff', 'dry-run'],
    queryFn: () => startRun(true),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  const sent = useOnce({
    mutationFn: () => startRun(false, Number.isFinite(limit) ? limit : undefined),
    onSuccess: ({ run }) => {
      notifications.show({ message: t('startedNow'), color: 'green' })
      void queries.invalidateQueries({ queryKey: ['staff'] })
      onClose()
      if (run) router.push(`/admin/billing-runs/${run.id}`)
    },
  })
  const would = dry.data?.would
  return (
    <Modal opened onClose={onClose} title={t('dryTitle')} size="lg" centered closeButtonProps={{ 'aria-label': t('close') }}>
      <Stack>
        <Text size="sm">{t('dryText')}</Text>
        {dry.error && <ProblemAlert error={dry.error} retry={() => dry.refetch()} />}
        {!would && !dry.error && <Skeleton height={80} />}
        {would && <Would would={would} />}
        {would && would.lines + would.free > 0 && (
          <TextInput
            size="sm"
            inputMode="numeric"
            label={t('most')}
            description={t('mostHint')}
            value={most}
            onChange={(event) => setMost(event.currentTarget.value.replace(/\D/g, ''))}
          />
        )}
        {sent.error && <ProblemAlert error={sent.error} />}
        <Group justify="flex-end">
          <Button variant="default" size="sm" onClick={onClose}>
            {t('back')}
          </Button>
          <Button size="sm" onClick={() => sent.send()} loading={sent.isPending} disabled={!would}>
            {t('start')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

function Would({ would }: { would: DryRun }) {
  const t = useTranslations('upkeep.runs')
  const { lines, free, set_aside: aside, more } = would
  if (lines + free + aside === 0) return <Text fw={600}>{t('nothingDue')}</Text>
  return (
    <>
      <Text fw={600}>{t('would', { lines, free, aside, more: more ? 'yes' : 'no' })}</Text>
      <Sums sums={would.sums} />
      {would.asides.length > 0 && <AsideTable rows={would.asides} />}
    </>
  )
}
