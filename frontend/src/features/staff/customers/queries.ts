'use client'

import { useQuery } from '@tanstack/react-query'
import { api, type Schemas, take } from '@/api/client'

export type CustomerFile = Schemas['CustomerFileBody']
/** So many of each are on the customer's page; the list has them all. */
export const SHOWN = 10

export function useCustomer(id: string) {
  return useQuery<CustomerFile>({
    queryKey: ['staff', 'customer', id],
    queryFn: () => take(api.GET('/api/v1/admin/customers/{customer_id}', { params: { path: { customer_id: id } } })),
  })
}

/** One more than is shown, to know whether there are more. */
const params = (id: string) => ({ params: { query: { customer_id: id, limit: SHOWN + 1 } } })
const key = (what: string, id: string) => ['staff', 'of', id, what]

export function useOrdersOf(id: string) {
  return useQuery({ queryKey: key('orders', id), queryFn: async () => (await take(api.GET('/api/v1/admin/orders', params(id)))).items })
}

export function useSubscriptionsOf(id: string) {
  return useQuery({ queryKey: key('subscriptions', id), queryFn: async () => (await take(api.GET('/api/v1/subscriptions/', params(id)))).items })
}

export function useLicensesOf(id: string) {
  return useQuery({ queryKey: key('licenses', id), queryFn: async () => (await take(api.GET('/api/v1/admin/licenses', params(id)))).items })
}

export function useDomainsOf(id: string) {
  return useQuery({ queryKey: key('domains', id), queryFn: async () => (await take(api.GET('/api/v1/admin/domains', params(id)))).items })
}

export function useInvoicesOf(id: string) {
  return useQuery({ queryKey: key('invoices', id), queryFn: async () => (await take(api.GET('/api/v1/admin/invoices', params(id)))).items })
}

export function usePaymentsOf(id: string) {
  return useQuery({ queryKey: key('payments', id), queryFn: async () => (await take(api.GET('/api/v1/admin/payments', params(id)))).items })
}

export function useMailsOf(id: string) {
  return useQuery({ queryKey: key('mails', id), queryFn: async () => (await take(api.GET('/api/v1/admin/notifications', params(id)))).items })
}
