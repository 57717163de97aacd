'use client'

import { useQuery } from '@tanstack/react-query'
import { api, take } from '@/api/client'
import { RowLink, toCustomer } from './parts'

const AT_ONCE = 200

/** Who is meant by these ids, asked for in one go; without the permission to read customers there are no names. */
export function useNames(ids: readonly string[]): ReadonlyMap<string, string> {
  const wanted = [...new Set(ids)].sort().slice(0, AT_ONCE)
  const found = useQuery({
    queryKey: ['staff', 'customers', 'named', ...wanted],
    queryFn: () => take(api.GET('/api/v1/admin/customers', { params: { query: { id: wanted, limit: AT_ONCE } } })),
    enabled: wanted.length > 0,
    retry: false,
  })
  return new Map(found.data?.items.map((row) => [row.id, row.company ?? row.name]))
}

export function NamedCustomer({ id, names }: { id: string; names: ReadonlyMap<string, string> }) {
  return <RowLink href={toCustomer(id)}>{names.get(id) ?? `…${id.slice(-12)}`}</RowLink>
}
