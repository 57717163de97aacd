'use client'

import { useQuery } from '@tanstack/react-query'
import { api, type MoneyBody, type Schemas, take } from '@/api/client'

export function useMonths() {
  return useQuery({ queryKey: ['staff', 'books', 'months'], queryFn: async () => (await take(api.GET('/api/v1/admin/ledger/months'))).items })
}

export function closeMonth(month: string, reason: string) {
  return take(api.POST('/api/v1/admin/ledger/months/{month}/close', { params: { path: { month } }, body: { reason } }))
}

export function reopenMonth(month: string, reason: string) {
  return take(api.POST('/api/v1/admin/ledger/months/{month}/reopen', { params: { path: { month } }, body: { reason } }))
}

export function useTrialBalance() {
  return useQuery({ queryKey: ['staff', 'books', 'trial-balance'], queryFn: () => take(api.GET('/api/v1/admin/ledger/trial-balance')) })
}

export function useRates(currency: string) {
  return useQuery({
    queryKey: ['staff', 'books', 'rates', currency],
    queryFn: () => take(api.GET('/api/v1/admin/ledger/rates', { params: { query: { currency: currency || undefined } } })),
  })
}

export function setRate(rate: Schemas['RateBody']) {
  return take(api.PUT('/api/v1/admin/ledger/rates', { body: rate }))
}

export function adjustCredit(customerId: string, amount: MoneyBody, reason: string, key: string) {
  return take(
    api.POST('/api/v1/admin/customers/{customer_id}/credit/adjustments', {
      params: { path: { customer_id: customerId } },
      body: { amount, reason },
      headers: { 'Idempotency-Key': key },
    }),
  )
}
