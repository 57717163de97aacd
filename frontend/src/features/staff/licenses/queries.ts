'use client'

import { useQuery } from '@tanstack/react-query'
import { api, type Schemas, take } from '@/api/client'
import { ask, type Chunk } from '@/features/licenses/contract'
import type { Reservation, SigningKey, StaffLicense } from './contract'

const CALMLY = 30_000
const NEWEST = 20
const path = (id: string) => ({ path: { license_id: id } })

export function useStaffLicense(id: string) {
  return useQuery<StaffLicense>({
    queryKey: ['staff', 'license', id],
    queryFn: () => ask('GET', '/api/v1/admin/licenses/{license_id}', { params: path(id) }),
    refetchInterval: CALMLY,
  })
}

export function useReservations(id: string) {
  return useQuery<Reservation[]>({
    queryKey: ['staff', 'license', id, 'reservations'],
    queryFn: async () =>
      (
        await ask<Chunk<Reservation>>('GET', '/api/v1/admin/licenses/{license_id}/reservations', {
          params: { ...path(id), query: { limit: NEWEST } },
        })
      ).items,
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

export interface StatusChange {
  status: 'active' | 'suspended' | 'cancelled'
  reason?: string
}

export function changeStatus(id: string, change: StatusChange, note: string) {
  return ask('PUT', '/api/v1/admin/licenses/{license_id}/status', {
    params: path(id),
    body: { ...change, note },
  })
}

export interface Overrides {
  limits: Record<string, number | null | 'plan'>
  features: Record<string, boolean | 'plan'>
}

export function override(id: string, changes: Overrides, reason: string) {
  return ask('PUT', '/api/v1/admin/licenses/{license_id}/limits', {
    params: path(id),
    body: { ...changes, reason },
  })
}

export function extend(id: string, expiresAt: string, reason: string) {
  const body = { expires_at: expiresAt, reason }
  return ask('POST', '/api/v1/admin/licenses/{license_id}/extend', { params: path(id), body })
}

export function moveTo(id: string, serverId: string, reason: string) {
  const body = { server_id: serverId, reason }
  return ask('POST', '/api/v1/admin/licenses/{license_id}/move', { params: path(id), body })
}

export function rotateKey(id: string, reason: string) {
  return ask<{ license_key: string }>('POST', '/api/v1/admin/licenses/{license_id}/rotate', {
    params: path(id),
    body: { reason },
  })
}

export function revealKey(id: string, reason: string) {
  return ask<{ license_key: string }>('POST', '/api/v1/admin/licenses/{license_id}/reveal', { params: path(id), body: { reason } })
}

export function useSigningKeys() {
  return useQuery<SigningKey[]>({
    queryKey: ['staff', 'signing-keys'],
    queryFn: () => ask('GET', '/api/v1/admin/license-signing-keys'),
  })
}

export function rotateSigningKey(reason: string, compromised: boolean) {
  return ask('POST', '/api/v1/admin/license-signing-keys', { body: { reason, compromised } })
}
