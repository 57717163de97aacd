'use client'

import { Alert, Button, Card, Stack, Text, TextInput, Title } from '@mantine/core'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import type { Schemas } from '@/api/client'
import { useOnce } from '@/api/once'
import { CopyText } from '@/components/copy-text'
import Link from '@/components/link'
import { useMoney } from '@/components/money'
import { ProblemAlert } from '@/components/problem-alert'
import { When } from '@/components/when'
import { CreditDialog, PayDialog, ReasonDialog } from '../dialogs'
import classes from '../licenses/licenses.module.css'
import { useMay } from '../queries'
import type { Deed } from '../reason-dialog'
import { type DeedName, deedsOf } from './may'
import { discard, type Invoice, issue, payLink, sendByMail, voidInvoice, writeOff } from './queries'

/** What can be done with an invoice in its state; the first is the one that comes next. */
export function InvoiceDeeds({ invoice }: { invoice: Invoice }) {
  const t = useTranslations('desk.deed')
  const [open, setOpen] = useState<DeedName | null>(null)
  const deeds = usePlainDeeds(invoice)
  const close = () => setOpen(null)
  if (!useMay('invoices.manage')) return null
  const shown = deedsOf(invoice)
  if (shown.length === 0) return null
  return (
    <Card component="section" aria-labelledby="deeds">
      <Title order={2} fz={16} mb="sm" id="deeds">
        {t('heading')}
      </Title>
      <div className={classes.actions}>
        {shown.map((name, at) =>
          name === 'edit' ? (
            <Button key={name} variant="default" size="sm" component={Link} href={`/admin/invoices/${invoice.id}/edit`}>
              {t('edit')}
            </Button>
          ) : (
            <Button key={name} variant={at === 0 ? 'filled' : 'default'} size="sm" onClick={() => setOpen(name)}>
              {t(name)}
            </Button>
          ),
        )}
        {invoice.state === 'open' && <PayLink id={invoice.id} />}
      </div>
      {(open === 'pay' || open === 'useCredit') && <PayDialog invoice={invoice} fromCredit={open === 'useCredit'} onClose={close} />}
      {open === 'credit' && <CreditDialog invoice={invoice} onClose={close} />}
      {open !== null && open in deeds && <ReasonDialog deed={deeds[open as keyof typeof deeds]} onClose={close} />}
    </Card>
  )
}

function usePlainDeeds(invoice: Invoice) {
  const t = useTranslations('desk.deed')
  const money = useMoney()
  const router = useRouter()
  const [dueOn, setDueOn] = useState('')
  const number = invoice.number ?? ''
  const deed = (name: string, more: Partial<Deed> & Pick<Deed, 'run'>, about: Record<string, string> = {}): Deed => ({
    title: t(`${name}Title`, { number }),
    text: t(`${name}Text`, { number, ...about }),
    submit: t(`${name}Submit`),
    done: t(`${name}Done`),
    ...more,
  })
  return {
    issue: deed(
      'issue',
      { plain: true, names: ['due_on'], run: (_why, key) => issue(invoice, dueOn || null, key), fields: dueField },
      { total: money(invoice.total) },
    ),
    discard: deed('discard', {
      plain: true,
      danger: true,
      run: async () => {
        await discard(invoice)
        router.push('/admin/invoices')
      },
    }),
    send: deed(
      'send',
      { plain: true, run: (_why, key) => sendByMail(invoice.id, key), result: sentTo },
      { to: invoice.buyer.invoice_email ?? invoice.buyer.email },
    ),
    void: deed('void', { danger: true, hint: t('printed'), run: (why, key) => voidInvoice(invoice.id, why, key) }, { total: money(invoice.total) }),
    writeOff: deed('writeOff', { danger: true, run: (why, key) => writeOff(invoice.id, why, key) }, { due: money(invoice.due) }),
  }
  function dueField(faults: Record<string, string>) {
    return (
      <TextInput
        type="date"
        size="sm"
        label={t('dueOn')}
        description={t('dueOnHint', { days: invoice.terms_days ?? 0 })}
        value={dueOn}
        error={faults.due_on}
        onChange={(event) => setDueOn(event.currentTarget.value)}
      />
    )
  }
  function sentTo(answer: unknown) {
    return <Text size="sm">{t('sentTo', { to: (answer as Schemas['SentBody']).recipient })}</Text>
  }
}

/** Whoever holds it may pay, without a login: made when it is asked for. */
function PayLink({ id }: { id: string }) {
  const t = useTranslations('desk.deed')
  const [link, setLink] = useState<Schemas['PayLinkBody'] | null>(null)
  const made = useOnce<Schemas['PayLinkBody']>({ mutationFn: () => payLink(id), onSuccess: setLink })
  if (link)
    return (
      <Alert color="blue" variant="light" title={t('payLink')}>
        <Stack gap={4}>
          <CopyText value={link.url} what={t('payLink')} />
          <Text size="xs">
            {t('payLinkUntil')} <When at={link.expires_at} />
          </Text>
        </Stack>
      </Alert>
    )
  return (
    <>
      <Button variant="default" size="sm" onClick={() => made.send()} loading={made.isPending}>
        {t('payLink')}
      </Button>
      {made.error && <ProblemAlert error={made.error} />}
    </>
  )
}
