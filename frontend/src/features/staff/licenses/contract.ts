import type { Schemas } from '@/api/client'

// Until the routes are in the OpenAPI document: their shapes by hand.
export type StaffQuota = Schemas['QuotaBody'] & { over_limit: boolean; percent: number | null; overridden: boolean; plan_limit: number | null }
export type StaffLicense = Omit<Schemas['LicenseItemBody'], 'quotas'> & {
  quotas: StaffQuota[]
  features: string[]
  plan_features: string[]
  key_rotated_at: string | null
}
export interface Reservation {
  id: string
  status: 'held' | 'committed' | 'released' | 'expired'
  resource: string
  quantity: number
  external_id: string
  expires_at: string
  created_at: string
}
export interface SigningKey {
  kid: string
  created_at: string
  signs_from: string
  signs_until: string | null
  published_until: string | null
}
