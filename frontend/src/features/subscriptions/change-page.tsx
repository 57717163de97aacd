'use client'

import { Alert, Button, Card, Checkbox, Group, Skeleton, Stack, Text, Textarea, Title } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { asProblem } from '@/api/client'
import { useOnce } from '@/api/once'
import Link from '@/components/link'
import { useMoney } from '@/components/money'
import { PageHeader } from '@/components/page-header'
import { ProblemAlert } from '@/components/problem-alert'
import { Trouble } from '@/components/trouble'
import { ChangeForm } from './change-form'
import { PreviewView } from './preview'
import { askChange, type Detail, type Preview, useOffers, usePayChange, usePreview, useRefresh, useSubscription } from './queries'
import classes from './subscriptions.module.css'
import { type Choice, choiceOf, isProduct, wishOf } from './wish'

const PAUSE = 250

/** What shall be another, and beside it what that costs now and next. */
export function ChangePage({ id, staff = false }: { id: string; staff?: boolean }) {
  const t = useTranslations('subscriptions.change')
  const { data: detail, error, refetch } = useSubscription(id)
  const kind = detail && isProduct(detail) ? 'product' : 'hosting'
  const offers = useOffers(kind, detail?.price.currency ?? '', Boolean(detail))
  const home = `${staff ? '/admin' : ''}/subscriptions/${id}`
  const failed = error ?? offers.error
  const again = () => {
    void refetch()
    void offers.refetch()
  }
  return (
    <>
      <PageHeader
        title={detail ? t('title', { plan: detail.plan_name }) : t('untitled')}
        back={{ href: home, label: t('back') }}
        text={detail?.domain ?? undefined}
      />
      {failed && <Trouble error={failed} retry={again} />}
      {!failed && !(detail && offers.data) && <Skeleton height={360} radius="lg" />}
      {detail && offers.data && <Chosen detail={detail} plans={offers.data} staff={staff} home={home} />}
    </>
  )
}

function Chosen({ detail, plans, staff, home }: { detail: Detail; plans: Parameters<typeof ChangeForm>[0]['plans']; staff: boolean; home: string }) {
  const t = useTranslations('subscriptions.change')
  const [choice, setChoice] = useState<Choice>(() => choiceOf(detail))
  const [atOnce, setAtOnce] = useState(false)
  const wish = wishOf(detail, choice)
  const text = wish ? JSON.stringify({ ...wish, ...(staff && atOnce ? { at_once: true } : {}) }) : ''
  const [asked] = useDebouncedValue(text, PAUSE)
  const shown = usePreview(detail.id, asked ? JSON.parse(asked) : null, staff)
  const stale = asked !== text || shown.isFetching
  return (
    <div className={classes.columns}>
      <Card component="section" aria-label={t('wish')}>
        <ChangeForm detail={detail} plans={plans} choice={choice} onChange={setChoice} />
        {staff && (
          <Checkbox
            mt="lg"
            label={t('atOnce')}
            description={t('atOnceHint')}
            checked={atOnce}
            onChange={(event) => setAtOnce(event.currentTarget.checked)}
          />
        )}
      </Card>
      <Card component="section" aria-label={t('result')} aria-live="polite" className={classes.aside}>
        <Title order={2} fz={18} mb="sm">
          {t('result')}
        </Title>
        {!wish && <Text c="dimmed">{t('choose')}</Text>}
        {wish && shown.error && <Refusal error={shown.error} retry={() => void shown.refetch()} />}
        {wish && !shown.data && !shown.error && <Skeleton height={180} />}
        {wish && asked && shown.data && !shown.error && (
          <>
            <PreviewView preview={shown.data} stale={stale} />
            <Confirm
              key={shown.data.quote}
              id={detail.id}
              order={{ ...JSON.parse(asked), quote: shown.data.quote }}
              preview={shown.data}
              ready={!stale}
              {...{ staff, home }}
              onOutdated={() => void shown.refetch()}
            />
          </>
        )}
      </Card>
    </div>
  )
}

/** Nothing has failed where what was chosen is what there is, or is not sold so. */
function Refusal({ error, retry }: { error: unknown; retry: () => void }) {
  const t = useTranslations('subscriptions.change')
  const problem = asProblem(error)
  if (problem.code === 'nothing_changes') return <Text c="dimmed">{t('choose')}</Text>
  if (problem.status === 422 || problem.status === 409)
    return (
      <Alert color="orange" role="status" title={t('notPossible')}>
        <Text size="sm">{problem.fields.map((field) => field.message).join(' ') || problem.detail}</Text>
      </Alert>
    )
  return <ProblemAlert error={error} retry={retry} />
}

interface ConfirmProps {
  id: string
  order: Parameters<typeof askChange>[1]
  preview: Preview
  ready: boolean
  staff: boolean
  home: string
  onOutdated: () => void
}

/** Says by its name what it does: pays, schedules, or changes at once. */
function Confirm({ id, order, preview, ready, staff, home, onOutdated }: ConfirmProps) {
  const t = useTranslations('subscriptions.change')
  const money = useMoney()
  const router = useRouter()
  const refresh = useRefresh(id)
  const pay = usePayChange(id)
  const [reason, setReason] = useState('')
  const sent = useOnce({
    mutationFn: () => askChange(id, { ...order, reason: reason.trim() }, staff),
    onSuccess: async ({ change }) => {
      await refresh()
      if (!staff && change.payable_id) return pay.mutate(change.payable_id)
      notifications.show({ message: t(`done.${change.state === 'waiting_payment' ? 'waiting' : change.state}`), color: 'green' })
      router.push(home)
    },
    onError: (error) => {
      if (asProblem(error).code === 'preview_outdated') onOutdated()
    },
  })
  const label =
    staff && preview.when === 'when_paid' ? t('ask', { total: money(preview.now) }) : t(`do.${preview.when}`, { total: money(preview.now) })
  const error = sent.error ?? pay.error
  return (
    <Stack gap="sm" mt="md">
      {staff && (
        <Textarea
          label={t('reason')}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          maxLength={500}
          autosize
          minRows={2}
        />
      )}
      {error && <ProblemAlert error={error} />}
      {preview.when === 'when_paid' && preview.valid_until && (
        <Text size="sm" c="dimmed">
          {t('validUntil', { date: new Date(preview.valid_until) })}
        </Text>
      )}
      <Group gap="sm">
        <Button
          onClick={() => sent.send()}
          loading={sent.isPending || pay.isPending || Boolean(pay.data)}
          disabled={!ready || preview.too_much.length > 0}
        >
          {label}
        </Button>
        <Button component={Link} href={home} variant="default">
          {t('leave')}
        </Button>
      </Group>
      {pay.isSuccess && !pay.data && (
        <Text size="sm" role="status">
          {t('opening')}
        </Text>
      )}
    </Stack>
  )
}
