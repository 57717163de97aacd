'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, asProblem, type FieldProblem, Problem, type Schemas, take } from '@/api/client'

export type Customer = Schemas['CustomerBody']
const PROFILE = ['profile'] as const

export function useProfile(enabled = true) {
  return useQuery<Customer>({ queryKey: PROFILE, queryFn: () => take(api.GET('/api/v1/customers/me')), enabled })
}

const TAX_ID = ['tax-id'] as const
const MOMENT = 2000

/** The tax id and whether the register knows it; asked again while the register is. What it says changes the tax, so that sums are asked for anew. */
export function useTaxId(enabled: boolean) {
  const queries = useQueryClient()
  return useQuery({
    queryKey: TAX_ID,
    enabled,
    queryFn: async () => {
      const before = queries.getQueryData<Schemas['OwnTaxIdBody']>(TAX_ID)
      const found = await take(api.GET('/api/v1/customers/me/tax-id'))
      if (before && before.state !== found.state) await queries.invalidateQueries({ queryKey: ['quote'] })
      return found
    },
    refetchInterval: (query) => (query.state.data?.state === 'pending' ? MOMENT : false),
  })
}

export function useSaveDocuments() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: Pick<Schemas['ProfileBody'], 'invoice_email' | 'buyer_reference'>) => take(api.PATCH('/api/v1/customers/me', { body })),
    onSuccess: (customer) => queries.setQueryData(PROFILE, customer),
  })
}

interface Details {
  profile: Schemas['ProfileBody']
  address: Schemas['AddressBody']
  /** What the API takes without, but an order does not. */
  missing: FieldProblem[]
}

export function useSaveProfile() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async ({ profile, address, missing }: Details) => {
      // Both are sent whatever becomes of the other, so that all faults are seen at once.
      const first = await take(api.PATCH('/api/v1/customers/me', { body: profile })).catch(asProblem)
      const second = await take(api.PUT('/api/v1/customers/me/address', { body: address })).catch(asProblem)
      const problems = [first, second].filter((each) => each instanceof Problem)
      const [worst] = problems.toSorted((one, other) => Number(one.code === 'invalid') - Number(other.code === 'invalid'))
      const fields = [...missing, ...problems.flatMap((each) => each.fields)]
      if (worst || fields.length > 0) throw new Problem(worst?.status ?? 422, worst?.code ?? 'invalid', worst?.detail ?? '', fields)
      return second as Customer
    },
    onSuccess: (customer) => {
      queries.setQueryData(PROFILE, customer)
      return Promise.all([queries.invalidateQueries({ queryKey: ['quote'] }), queries.invalidateQueries({ queryKey: TAX_ID })])
    },
  })
}
