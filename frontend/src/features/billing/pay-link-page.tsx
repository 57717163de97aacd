'use client'

import { Button, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { Facts } from '@/components/facts'
import { Money, useMoney } from '@/components/money'
import { ProblemAlert } from '@/components/problem-alert'
import { When } from '@/components/when'
import { usePayLink, useToPay } from './queries'

/** Behind the link on an invoice: its sum and the way to pay it, without a login. */
export function PayLinkPage({ token }: { token: string }) {
  const t = useTranslations('account.payLink')
  const money = useMoney()
  const { data: paper, error, refetch } = useToPay(token)
  const pay = usePayLink(token)
  if (!paper) return error ? <ProblemAlert error={error} retry={() => refetch()} /> : <Skeleton height={220} radius="lg" />
  return (
    <Stack>
      <Title order={1} fz={24}>
        {t('heading', { number: paper.number })}
      </Title>
      <Facts
        of={[
          [t('seller'), paper.seller],
          [t('total'), <Money key="t" value={paper.total} />],
          [
            t('due'),
            <strong key="d">
              <Money value={paper.due} />
            </strong>,
          ],
          [t('dueOn'), paper.due_on && <When key="o" at={paper.due_on} />],
        ]}
      />
      {pay.error && <ProblemAlert error={pay.error} />}
      {pay.isSuccess && !pay.data.checkout_url && <Text role="status">{t('opening')}</Text>}
      {paper.payable ? (
        <Button onClick={() => pay.mutate()} loading={pay.isPending}>
          {t('pay', { total: money(paper.due) })}
        </Button>
      ) : (
        <Text role="status">{t('nothing')}</Text>
      )}
    </Stack>
  )
}
