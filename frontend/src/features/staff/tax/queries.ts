'use client'

import { useQuery } from '@tanstack/react-query'
import { api, type Schemas, take } from '@/api/client'

export type Policy = Schemas['PolicyBody']
export type PolicyChange = Schemas['PolicyChange']
export type Rule = Schemas['RuleBody']
export type Task = Schemas['TaskBody']
export type TaxId = Schemas['TaxIdBody-Output']
export type Threshold = Schemas['ThresholdBody']
export type TaxedBuyer = Schemas['TaxedBuyerBody']
export type Exemption = Schemas['ExemptionBody']
export type Previewed = Schemas['PreviewBody']

export function usePolicies() {
  return useQuery<Policy[]>({
    queryKey: ['staff', 'tax', 'policies'],
    queryFn: async () => (await take(api.GET('/api/v1/admin/tax/policies'))).items,
  })
}

export function changePolicy(change: PolicyChange) {
  return take(api.POST('/api/v1/admin/tax/policies', { body: change }))
}

export function addRule(rule: Schemas['NewRule']) {
  return take(api.POST('/api/v1/admin/tax/rules', { body: rule }))
}

export function endRule(id: string, validUntil: string, reason: string) {
  return take(api.POST('/api/v1/admin/tax/rules/{rule_id}/end', { params: { path: { rule_id: id } }, body: { valid_until: validUntil, reason } }))
}

export function preview(sale: Schemas['PreviewRequest']) {
  return take(api.POST('/api/v1/admin/tax/preview', { body: sale }))
}

export function useOpenTasks() {
  return useQuery({
    queryKey: ['staff', 'tax', 'tasks', 'open'],
    queryFn: () => take(api.GET('/api/v1/admin/tax/tasks', { params: { query: { state: 'open', limit: 50 } } })),
  })
}

export function correctTask(id: string) {
  return take(api.POST('/api/v1/admin/tax/tasks/{task_id}/correct', { params: { path: { task_id: id } } }))
}

export function closeTask(id: string, state: 'done' | 'dismissed', note: string) {
  return take(api.POST('/api/v1/admin/tax/tasks/{task_id}/close', { params: { path: { task_id: id } }, body: { state, note } }))
}

export function useThreshold() {
  return useQuery<Threshold | null>({
    queryKey: ['staff', 'tax', 'threshold'],
    queryFn: async () => (await take(api.GET('/api/v1/admin/tax/threshold'))) ?? null,
  })
}

export function enterOpening(opening: Schemas['OpeningBody']) {
  return take(api.POST('/api/v1/admin/tax/threshold/opening', { body: opening }))
}

export function useReturn(quarter: string) {
  return useQuery({
    queryKey: ['staff', 'tax', 'oss', quarter],
    queryFn: () => take(api.GET('/api/v1/admin/tax/oss', { params: { query: { quarter } } })),
  })
}

export function useReverseCharges(quarter: string) {
  return useQuery({
    queryKey: ['staff', 'tax', 'reverse-charge', quarter],
    queryFn: () => take(api.GET('/api/v1/admin/tax/reverse-charge', { params: { query: { quarter } } })),
  })
}

export function useBuyer(id: string, enabled: boolean) {
  return useQuery<TaxedBuyer>({
    queryKey: ['staff', 'of', id, 'tax'],
    queryFn: () => take(api.GET('/api/v1/admin/tax/customers/{customer_id}', { params: { path: { customer_id: id } } })),
    enabled,
  })
}

export function checkTaxId(customerId: string) {
  return take(api.POST('/api/v1/admin/tax/customers/{customer_id}/check', { params: { path: { customer_id: customerId } } }))
}

export function grantExemption(customerId: string, body: Schemas['NewExemption']) {
  return take(api.POST('/api/v1/admin/tax/customers/{customer_id}/exemptions', { params: { path: { customer_id: customerId } }, body }))
}

export function endExemption(id: string, lastDay: string, reason: string) {
  return take(
    api.POST('/api/v1/admin/tax/exemptions/{exemption_id}/end', { params: { path: { exemption_id: id } }, body: { last_day: lastDay, reason } }),
  )
}
