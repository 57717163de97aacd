'use client'

import { Alert, Button, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useSearchParams } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { asProblem } from '@/api/client'
import { Facts } from '@/components/facts'
import { Money, useMoney } from '@/components/money'
import { ProblemAlert } from '@/components/problem-alert'
import { StatusBadge } from '@/components/status-badge'
import { When } from '@/components/when'
import { usePayLink, useToPay } from './queries'

const REFUSALS = { pay_link_expired: 'expired', pay_link_unknown: 'unknown' } as const

/** Behind the link on an invoice: what is paid with it and the way to pay, without a login. */
export function PayLinkPage({ token }: { token: string }) {
  const t = useTranslations('account.payLink')
  const money = useMoney()
  // Whoever comes back from the payment page may be faster than the news of the payment.
  const back = useSearchParams().has('payment')
  const { data: paper, error, refetch } = useToPay(token, back)
  const pay = usePayLink(token)
  if (!paper) return error ? <NoPaper error={error} retry={() => refetch()} /> : <Waiting />
  const settled = { ...paper.total, amount: paper.total.amount - paper.due.amount }
  return (
    <Stack>
      <div>
        <Title order={1} fz={24}>
          {t('heading', { number: paper.number })}
        </Title>
        <StatusBadge state={paper.state} />
      </div>
      <Text>{t('about', { seller: paper.seller, number: paper.number })}</Text>
      <Facts
        of={[
          [t('seller'), paper.seller],
          [t('total'), <Money key="t" value={paper.total} />],
          [t('settled'), settled.amount > 0 && paper.due.amount > 0 && <Money key="s" value={settled} />],
          [
            t('due'),
            <strong key="d">
              <Money value={paper.due} />
            </strong>,
          ],
          [t('dueOn'), paper.payable && paper.due_on && <When key="o" at={paper.due_on} relative />],
        ]}
      />
      {pay.error && <ProblemAlert error={pay.error} />}
      {pay.isSuccess && !pay.data && <Text role="status">{t('opening')}</Text>}
      {paper.payable ? (
        <>
          <Button size="lg" onClick={() => pay.mutate()} loading={pay.isPending || Boolean(pay.data)}>
            {t('pay', { total: money(paper.due) })}
          </Button>
          <Text size="sm" c="dimmed">
            {t('provider')}
          </Text>
        </>
      ) : (
        <Alert role="status" color={paper.state === 'paid' ? 'green' : 'gray'} title={t('nothing')}>
          {t(paper.state === 'paid' ? 'paid' : paper.state === 'void' ? 'void' : 'settledText')}
        </Alert>
      )}
    </Stack>
  )
}

function Waiting() {
  return <Skeleton height={220} radius="lg" />
}

/** A link that has run out or was never made; everything else may be tried again. */
function NoPaper({ error, retry }: { error: unknown; retry: () => void }) {
  const t = useTranslations('account.payLink')
  const { code } = asProblem(error)
  const kind = code in REFUSALS ? REFUSALS[code as keyof typeof REFUSALS] : null
  return (
    <Stack>
      <Title order={1} fz={24}>
        {t('title')}
      </Title>
      {kind ? (
        <Alert role="alert" color="orange" title={t(`${kind}.title`)}>
          {t(`${kind}.text`)}
        </Alert>
      ) : (
        <ProblemAlert error={error} retry={retry} />
      )}
    </Stack>
  )
}
