'use client'

import { useTranslations } from 'next-intl'
import { useMoney } from '@/components/money'
import type { Deed } from '../reason-dialog'
import { cancelLine, cancelOrder, declareUndone, type Order, type OrderLine, refundLine, requeueJob, retryStep } from './queries'

/** What staff can do about work that stands still. */
export function useWorkDeeds() {
  const t = useTranslations('staff.deed')
  return {
    retry: (stepId: string, name: string): Deed => ({
      title: t('retryTitle', { name }),
      text: t('retryText'),
      submit: t('retry'),
      done: t('retryDone'),
      run: (reason) => retryStep(stepId, reason),
    }),
    undone: (stepId: string, name: string): Deed => ({
      title: t('undoneTitle', { name }),
      text: t('undoneText'),
      submit: t('undone'),
      done: t('undoneDone'),
      danger: true,
      run: (reason) => declareUndone(stepId, reason),
    }),
    requeue: (jobId: number, name: string): Deed => ({
      title: t('requeueTitle', { name }),
      text: t('requeueText'),
      submit: t('requeue'),
      done: t('requeueDone'),
      run: (reason) => requeueJob(jobId, reason),
    }),
  }
}

/** What staff can do about an order and its lines. */
export function useOrderDeeds(order: Order) {
  const t = useTranslations('staff.deed')
  const money = useMoney()
  const gross = (line: OrderLine) => money({ amount: line.net.amount + line.tax.amount, currency: line.net.currency })
  return {
    cancel: (): Deed => ({
      title: t('cancelTitle', { what: order.number ?? '' }),
      text: order.paid_at ? t('cancelPaidText', { total: money(order.total) }) : t('cancelUnpaidText'),
      submit: t('cancel'),
      done: t('cancelDone'),
      danger: true,
      run: (reason, key) => cancelOrder(order.id, reason, key),
    }),
    cancelLine: (line: OrderLine): Deed => ({
      title: t('cancelTitle', { what: line.description }),
      text: t('cancelLineText', { total: gross(line) }),
      submit: t('cancelLine', { total: gross(line) }),
      done: t('cancelDone'),
      danger: true,
      run: (reason, key) => cancelLine(order.id, line.id, reason, key),
    }),
    refundLine: (line: OrderLine): Deed => ({
      title: t('refundTitle', { what: line.description }),
      text: t('refundText', { total: gross(line) }),
      submit: t('refund', { total: gross(line) }),
      done: t('refundDone'),
      danger: true,
      run: (reason, key) => refundLine(order.id, line.id, reason, key),
    }),
  }
}
