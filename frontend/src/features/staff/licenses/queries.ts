'use client'

import { useQuery } from '@tanstack/react-query'
import { api, type Schemas, take } from '@/api/client'

export type StaffLicense = Schemas['LicenseItemBody']
export type StaffQuota = Schemas['QuotaItemBody']
export type SigningKey = Schemas['SigningKeyBody']
export type StatusChange = Omit<Schemas['StatusBody'], 'note'>
export type Overrides = Required<Omit<Schemas['LimitsBody'], 'reason'>>

const CALMLY = 30_000
const NEWEST = 20
const path = (id: string) => ({ path: { license_id: id } })

export function useStaffLicense(id: string) {
  return useQuery<StaffLicense>({
    queryKey: ['staff', 'license', id],
    queryFn: () => take(api.GET('/api/v1/admin/licenses/{license_id}', { params: path(id) })),
    refetchInterval: CALMLY,
  })
}

export function useReservations(id: string) {
  return useQuery<Schemas['HoldBody'][]>({
    queryKey: ['staff', 'license', id, 'reservations'],
    queryFn: async () =>
      (await take(api.GET('/api/v1/admin/licenses/{license_id}/reservations', { params: { ...path(id), query: { limit: NEWEST } } }))).items,
    refetchInterval: CALMLY,
  })
}

export function useDeedsOf(id: string, enabled: boolean) {
  return useQuery<Schemas['AuditBody'][]>({
    queryKey: ['staff', 'license', id, 'audit'],
    queryFn: async () => (await take(api.GET('/api/v1/admin/audit', { params: { query: { object_id: id, limit: NEWEST } } }))).items,
    enabled,
  })
}

export function changeStatus(id: string, change: StatusChange, note: string) {
  return take(api.PUT('/api/v1/admin/licenses/{license_id}/status', { params: path(id), body: { ...change, note } }))
}

export function override(id: string, changes: Overrides, reason: string) {
  return take(api.PUT('/api/v1/admin/licenses/{license_id}/limits', { params: path(id), body: { ...changes, reason } }))
}

export function extend(id: string, expiresAt: string, reason: string) {
  return take(api.POST('/api/v1/admin/licenses/{license_id}/extend', { params: path(id), body: { expires_at: expiresAt, reason } }))
}

export function moveTo(id: string, serverId: string, reason: string) {
  return take(api.POST('/api/v1/admin/licenses/{license_id}/move', { params: path(id), body: { server_id: serverId, reason } }))
}

export function rotateKey(id: string, reason: string) {
  return take(api.POST('/api/v1/admin/licenses/{license_id}/rotate', { params: path(id), body: { reason } }))
}

export function revealKey(id: string, reason: string) {
  return take(api.POST('/api/v1/admin/licenses/{license_id}/reveal', { params: path(id), body: { reason } }))
}

export function useSigningKeys() {
  return useQuery<SigningKey[]>({ queryKey: ['staff', 'signing-keys'], queryFn: () => take(api.GET('/api/v1/admin/license-signing-keys')) })
}

export function rotateSigningKey(reason: string, compromised: boolean) {
  return take(api.POST('/api/v1/admin/license-signing-keys', { body: { reason, compromised } }))
}
