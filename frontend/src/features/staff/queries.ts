'use client'

import { useQuery } from '@tanstack/react-query'
import { api, type Schemas, take } from '@/api/client'
import { useMe } from '@/features/identity'

export type Overview = Schemas['OverviewBody']
const CALMLY = 30_000

/** A hint for buttons; the API decides. */
export function useMay(permission: string): boolean {
  return useMe().data?.permissions.includes(permission) ?? false
}

export function useOverview() {
  const may = useMay('orders.read_all')
  return useQuery<Overview>({
    queryKey: ['staff', 'overview'],
    queryFn: () => take(api.GET('/api/v1/admin/overview')),
    refetchInterval: CALMLY,
    enabled: may,
  })
}

/** How much parked and failed work there is. */
export function useWaiting(): number {
  const { data } = useOverview()
  return (data?.parked ?? 0) + (data?.failed_jobs ?? 0)
}

export function useInvariants(enabled = true) {
  return useQuery({
    queryKey: ['staff', 'invariants'],
    queryFn: () => take(api.GET('/api/v1/admin/invariants')),
    // They read much of the database: not while nobody asks.
    staleTime: 60_000,
    enabled,
  })
}
