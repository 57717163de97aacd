import { api, type Schemas, take } from '@/api/client'

// Until the routes are in the OpenAPI document: their shapes by hand.
export type Quota = Schemas['QuotaBody'] & { over_limit: boolean; percent: number | null; overridden: boolean }
export type License = Omit<Schemas['LicenseBody'], 'quotas'> & { quotas: Quota[]; server_id: string | null; key_rotated_at: string | null }
export interface UsageDay {
  day: string
  resource: string
  used: number
  peak: number
  created: number
  deleted: number
}
export interface UsageHistory {
  license_id: string
  from: string
  to: string
  days: UsageDay[]
}
export interface UsageReport {
  license_id: string
  from: string
  to: string
  resources: {
    resource: string
    limit: number | null
    used: number
    created: number
    deleted: number
    peak: number
    highest_percent: number | null
  }[]
}
export interface UsageAlert {
  id: string
  license_id: string
  resource: string
  threshold: 80 | 90 | 100
  used: number
  limit: number
  period: string
  raised_at: string
}
export interface Chunk<Row> {
  items: Row[]
  next_cursor: string | null
}

interface Init {
  params?: { path?: Record<string, string>; query?: Record<string, unknown> }
  body?: unknown
  headers?: Record<string, string>
}
type Call = (path: string, init?: Init) => Promise<{ data?: unknown; error?: unknown; response: Response }>
const loose = api as unknown as Record<'GET' | 'POST' | 'PUT', Call>

export function ask<T>(method: 'GET' | 'POST' | 'PUT', path: string, init?: Init): Promise<T> {
  return take(loose[method](path, init) as Promise<{ data?: T; error?: unknown; response: Response }>)
}
