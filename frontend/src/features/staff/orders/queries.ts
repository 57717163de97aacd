'use client'

import { useQuery } from '@tanstack/react-query'
import { api, type Schemas, take } from '@/api/client'

export type Timeline = Schemas['TimelineBody']
export type Entry = Schemas['EntryBody']
export type Job = Schemas['JobBody']
export type Order = Schemas['OrderBody']
export type OrderLine = Schemas['OrderLineBody']

const OFTEN = 2000
const RARELY = 10_000

/** While a machine acts next it changes by itself within seconds; what waits for a person may wait for days. */
function pause(timeline: Timeline | undefined): number | false {
  if (!timeline) return false
  if (timeline.next.some(({ who }) => who === 'system' || who === 'vendor') || timeline.jobs.some((job) => job.status !== 'failed')) return OFTEN
  return timeline.next.length > 0 ? RARELY : false
}

export function useTimeline(id: string) {
  return useQuery<Timeline>({
    queryKey: ['staff', 'timeline', id],
    queryFn: () => take(api.GET('/api/v1/admin/orders/{order_id}/timeline', { params: { path: { order_id: id } } })),
    refetchInterval: (query) => pause(query.state.data),
  })
}

/** The order itself, read again whenever its timeline changed. */
export function useStaffOrder(id: string, timeline: Timeline | undefined) {
  return useQuery<Order>({
    queryKey: ['staff', 'order', id, timeline?.state, timeline?.entries[0]?.id, timeline?.entries.length],
    queryFn: () => take(api.GET('/api/v1/orders/{order_id}', { params: { path: { order_id: id } } })),
    placeholderData: (before) => before,
  })
}

export function retryStep(stepId: string, reason: string) {
  return take(api.POST('/api/v1/admin/steps/{step_id}/retry', { params: { path: { step_id: stepId } }, body: { reason } }))
}

export function declareUndone(stepId: string, reason: string) {
  return take(api.POST('/api/v1/admin/steps/{step_id}/declare-undone', { params: { path: { step_id: stepId } }, body: { reason } }))
}

export function requeueJob(jobId: number, reason: string) {
  return take(api.POST('/api/v1/admin/jobs/{job_id}/requeue', { params: { path: { job_id: jobId } }, body: { reason } }))
}

export function cancelOrder(orderId: string, reason: string, key: string) {
  const headers = { 'Idempotency-Key': key }
  return take(api.POST('/api/v1/admin/orders/{order_id}/cancel', { params: { path: { order_id: orderId } }, body: { reason }, headers }))
}

export function cancelLine(orderId: string, lineId: string, reason: string, key: string) {
  const path = { order_id: orderId, line_id: lineId }
  return take(
    api.POST('/api/v1/admin/orders/{order_id}/lines/{line_id}/cancel', { params: { path }, body: { reason }, headers: { 'Idempotency-Key': key } }),
  )
}

export function refundLine(orderId: string, lineId: string, reason: string, key: string) {
  const path = { order_id: orderId, line_id: lineId }
  return take(
    api.POST('/api/v1/admin/orders/{order_id}/lines/{line_id}/refund', { params: { path }, body: { reason }, headers: { 'Idempotency-Key': key } }),
  )
}
