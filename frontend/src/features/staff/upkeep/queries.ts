'use client'

import { useQuery } from '@tanstack/react-query'
import { api, type Schemas, take } from '@/api/client'

export type Clock = Schemas['ClockBody']
const MOVING = 500
const CALMLY = 15_000

/** While it moves, how far it is, often enough that the session of who looks does not end between two looks. */
export function useClock() {
  return useQuery<Clock>({
    queryKey: ['staff', 'clock'],
    queryFn: () => take(api.GET('/api/v1/admin/clock')),
    refetchInterval: (query) => (query.state.data?.until ? MOVING : CALMLY),
    retry: false,
  })
}

export function advance(by: { days: number } | { until: string }): Promise<Clock> {
  return take(api.POST('/api/v1/admin/clock/advance', { body: by }))
}

export type Run = Schemas['RunBody']
export type RunLine = Schemas['RunLineBody']
export type DryRun = Schemas['DryRunBody']
export type Aside = Schemas['AsideBody']
export type DayDue = Schemas['DayBody']

const BASE = '/api/v1/admin/billing-runs'
const OFTEN = 2000

export function useRun(id: string) {
  return useQuery<Run>({
    queryKey: ['staff', 'run', id],
    queryFn: () => take(api.GET(`${BASE}/{run_id}`, { params: { path: { run_id: id } } })),
    refetchInterval: (query) => (query.state.data?.status === 'running' ? OFTEN : false),
  })
}

export const loadRuns = (cursor: string | undefined, limit: number) => take(api.GET(BASE, { params: { query: { cursor, limit } } }))

export const loadLines = (id: string) => (cursor: string | undefined, limit: number) =>
  take(api.GET(`${BASE}/{run_id}/lines`, { params: { path: { run_id: id }, query: { cursor, limit } } }))

export function useAsides() {
  return useQuery<Aside[]>({
    queryKey: ['staff', 'asides'],
    queryFn: async () => (await take(api.GET(`${BASE}/set-aside`, { params: { query: { limit: 100 } } }))).items,
  })
}

/** `most`: it stops after about so many periods. */
export const startRun = (dry: boolean, most?: number) => take(api.POST(BASE, { body: { dry_run: dry, max_lines: most } }))

export const stopRun = (id: string, reason: string) => take(api.POST(`${BASE}/{run_id}/stop`, { params: { path: { run_id: id } }, body: { reason } }))

export const billAgain = (id: string, reason: string) =>
  take(api.POST(`${BASE}/set-aside/{subscription_id}/bill`, { params: { path: { subscription_id: id } }, body: { reason } }))

export function useCalendar(from: string | undefined, to: string | undefined) {
  return useQuery<DayDue[]>({
    queryKey: ['staff', 'calendar', from, to],
    queryFn: async () => (await take(api.GET('/api/v1/admin/billing-calendar', { params: { query: { from, to } } }))).days,
  })
}
