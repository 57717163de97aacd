'use client'

import { useQuery } from '@tanstack/react-query'
import { api, type MoneyBody, type Schemas, take } from '@/api/client'

export type Invoice = Schemas['InvoiceBody']
export type InvoiceLine = Schemas['LineBody']
export type Explanation = Schemas['ExplanationBody']
export type LineReasons = Schemas['LineReasonsBody']
export type Journal = Schemas['JournalBody']
export type Entry = Schemas['BookedEntryBody']
export type CreditScope = Schemas['CreditScopeBody']
export type CreditPreview = Schemas['CreditPreviewBody']
export type Proforma = Schemas['ProformaBody']
export type Payment = Schemas['PayBody']

const of = (id: string) => ({ path: { invoice_id: id } })
const once = (key: string) => ({ 'Idempotency-Key': key })

export function useStaffInvoice(id: string) {
  return useQuery<Invoice>({
    queryKey: ['staff', 'invoice', id],
    queryFn: () => take(api.GET('/api/v1/admin/invoices/{invoice_id}', { params: of(id) })),
  })
}

export function useExplanation(id: string, enabled = true) {
  return useQuery<Explanation>({
    queryKey: ['staff', 'invoice', id, 'explain'],
    queryFn: () => take(api.GET('/api/v1/admin/invoices/{invoice_id}/explain', { params: of(id) })),
    enabled,
  })
}

export function useProforma(id: string) {
  return useQuery<Proforma>({
    queryKey: ['staff', 'proforma', id],
    queryFn: () => take(api.GET('/api/v1/invoices/proformas/{proforma_id}', { params: { path: { proforma_id: id } } })),
  })
}

export function useAgeing() {
  return useQuery<Schemas['AgeingReport']>({
    queryKey: ['staff', 'ageing', 'totals'],
    queryFn: () => take(api.GET('/api/v1/admin/invoices/ageing', { params: { query: { limit: 1 } } })),
  })
}

export function useFigures(start: string, end: string) {
  return useQuery<Schemas['SummaryBody']>({
    queryKey: ['staff', 'invoice-figures', start, end],
    queryFn: () => take(api.GET('/api/v1/invoices/stats/summary', { params: { query: { start: start || undefined, end: end || undefined } } })),
  })
}

/** What the customer has in the currency and is not meant for anything else. */
export function useFreeCredit(customerId: string, currency: string, enabled: boolean) {
  const found = useQuery({
    queryKey: ['staff', 'of', customerId, 'credit'],
    queryFn: () =>
      take(api.GET('/api/v1/admin/customers/{customer_id}/credit', { params: { path: { customer_id: customerId }, query: { limit: 1 } } })),
    enabled,
  })
  return found.data?.balances.find((balance) => balance.free.currency === currency)?.free
}

export function issue(invoice: Invoice, dueOn: string | null, key: string) {
  const headers = { ...once(key), 'If-Match': `"${invoice.version}"` }
  return take(api.POST('/api/v1/invoices/{invoice_id}/issue', { params: of(invoice.id), body: { due_on: dueOn }, headers }))
}

export function discard(invoice: Invoice) {
  return take(api.DELETE('/api/v1/invoices/{invoice_id}', { params: of(invoice.id), headers: { 'If-Match': `"${invoice.version}"` } }))
}

export function pay(id: string, payment: Payment, key: string) {
  return take(api.POST('/api/v1/invoices/{invoice_id}/pay', { params: of(id), body: payment, headers: once(key) }))
}

export function previewCredit(id: string, scope: CreditScope) {
  return take(api.POST('/api/v1/invoices/{invoice_id}/credit-notes/preview', { params: of(id), body: scope }))
}

export function creditNote(id: string, scope: CreditScope, reason: string, key: string) {
  return take(api.POST('/api/v1/invoices/{invoice_id}/credit-notes', { params: of(id), body: { ...scope, reason }, headers: once(key) }))
}

export function voidInvoice(id: string, reason: string, key: string) {
  return take(api.POST('/api/v1/invoices/{invoice_id}/void', { params: of(id), body: { reason }, headers: once(key) }))
}

export function writeOff(id: string, reason: string, key: string) {
  return take(api.POST('/api/v1/invoices/{invoice_id}/write-off', { params: of(id), body: { reason }, headers: once(key) }))
}

export function sendByMail(id: string, key: string) {
  return take(api.POST('/api/v1/invoices/{invoice_id}/send', { params: of(id), headers: once(key) }))
}

export function payLink(id: string) {
  return take(api.POST('/api/v1/invoices/{invoice_id}/pay-link', { params: of(id) }))
}

export function issueProforma(id: string, dueOn: string | null, key: string) {
  return take(
    api.POST('/api/v1/invoices/proformas/{proforma_id}/issue', {
      params: { path: { proforma_id: id } },
      body: { due_on: dueOn },
      headers: once(key),
    }),
  )
}

export function writeDraft(body: Schemas['NewDraftBody'], key: string) {
  return take(api.POST('/api/v1/invoices/', { body, headers: once(key) }))
}

export function changeDraft(id: string, version: number, body: Schemas['DraftBody']) {
  return take(api.PUT('/api/v1/invoices/{invoice_id}', { params: of(id), body, headers: { 'If-Match': `"${version}"` } }))
}

export const none = (currency: string): MoneyBody => ({ amount: 0, currency })
