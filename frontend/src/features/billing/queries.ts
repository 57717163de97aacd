'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, type Schemas, take } from '@/api/client'
import { useShownPages } from '@/api/pages'
import { leaveFor } from '@/lib/address'

export function useInvoices() {
  return useShownPages(['invoices'], (cursor, limit) => take(api.GET('/api/v1/invoices/', { params: { query: { cursor, limit } } })))
}

export function useInvoice(id: string) {
  return useQuery({
    queryKey: ['invoice', id],
    queryFn: () => take(api.GET('/api/v1/invoices/{invoice_id}', { params: { path: { invoice_id: id } } })),
  })
}

export function usePayment(id: string | null) {
  return useQuery({
    queryKey: ['payment', id],
    enabled: Boolean(id),
    queryFn: () => take(api.GET('/api/v1/payments/{payment_id}', { params: { path: { payment_id: id ?? '' } } })),
    refetchInterval: (query) => (query.state.data && ['requested', 'open', 'opening', 'pending'].includes(query.state.data.status) ? 3000 : false),
  })
}

export function usePayInvoice(id: string) {
  return useMutation({
    mutationFn: () => take(api.POST('/api/v1/payments/intent', { body: { invoice_id: id, return_path: `/invoices/${id}` } })),
    onSuccess: (intent) => {
      if (intent.checkout_url) leaveFor(intent.checkout_url)
    },
  })
}

const MOMENT = 3000

/** From the customer's credit, as much of it as there is. */
export function usePayFromCredit(id: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => take(api.POST('/api/v1/invoices/{invoice_id}/pay', { params: { path: { invoice_id: id } }, body: { method: 'credit' } })),
    onSuccess: (invoice) => {
      queries.setQueryData(['invoice', id], invoice)
      return Promise.all([['invoices'], ['credit'], ['statement']].map((queryKey) => queries.invalidateQueries({ queryKey })))
    },
  })
}

export function useMakePayLink(id: string) {
  return useMutation({
    mutationFn: () => take(api.POST('/api/v1/invoices/{invoice_id}/pay-link', { params: { path: { invoice_id: id } } })),
  })
}

const readCredit = (cursor?: string, limit?: number) => take(api.GET('/api/v1/credit', { params: { query: { cursor, limit } } }))

/** The balances alone, by currency. */
export function useBalances() {
  return useQuery({ queryKey: ['credit', 'balances'], queryFn: async () => (await readCredit(undefined, 1)).balances })
}

export function useCreditEntries() {
  return useShownPages<Schemas['CreditEntryBody']>(['credit', 'entries'], readCredit)
}

export interface Span {
  from: string
  to: string
  currency: string
}

export function useStatement(span: Span) {
  return useQuery({
    queryKey: ['statement', span],
    queryFn: () => take(api.GET('/api/v1/statements', { params: { query: span } })),
  })
}

/** Both by the link's own token: whoever holds it may pay, and needs no login. */
export function useToPay(token: string, back: boolean) {
  return useQuery({
    queryKey: ['pay-link', token],
    queryFn: () => take(api.GET('/api/v1/pay/{token}', { params: { path: { token } } })),
    retry: false,
    refetchInterval: (query) => (back && query.state.data?.payable ? MOMENT : false),
  })
}

const PATIENCE = 20
const PAUSE = 500

/** The address of the payment page; while it is being opened we ask again, for the same attempt answers. */
async function checkoutOf(token: string): Promise<string | null> {
  for (let round = 0; round < PATIENCE; round += 1) {
    const { checkout_url } = await take(api.POST('/api/v1/pay/{token}/checkout', { params: { path: { token } } }))
    if (checkout_url) return checkout_url
    await new Promise((over) => setTimeout(over, PAUSE))
  }
  return null
}

export function usePayLink(token: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => checkoutOf(token),
    onSuccess: (address) => {
      if (address) leaveFor(address)
    },
    // Paid meanwhile, or given up: the page then says so.
    onError: () => queries.invalidateQueries({ queryKey: ['pay-link', token] }),
  })
}
