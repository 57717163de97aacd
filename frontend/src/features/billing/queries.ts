'use client'

import { useMutation, useQuery } from '@tanstack/react-query'
import { api, take } from '@/api/client'
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

/** Both by the link's own token: whoever holds it may pay, and needs no login. */
export function useToPay(token: string) {
  return useQuery({
    queryKey: ['pay-link', token],
    queryFn: () => take(api.GET('/api/v1/pay/{token}', { params: { path: { token } } })),
  })
}

export function usePayLink(token: string) {
  return useMutation({
    mutationFn: () => take(api.POST('/api/v1/pay/{token}/checkout', { params: { path: { token } } })),
    onSuccess: (opened) => {
      if (opened.checkout_url) leaveFor(opened.checkout_url)
    },
  })
}
