'use client'

import { useQuery } from '@tanstack/react-query'
import { api, type Schemas, take } from '@/api/client'

export type Clock = Schemas['ClockBody']
const MOVING = 1000
const CALMLY = 15_000

/** While it moves, how far it is, each second. */
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
