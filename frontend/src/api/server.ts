import { cache } from 'react'
import type { Schemas } from './client'
import type { Company } from './session'

export type Plan = Schemas['PlanBody']
export type Tld = Schemas['TldBody']

const UNNAMED: Company = {
  name: 'Hosting',
  address: '',
  country: 'US',
  email: '',
  currency: 'USD',
  time_zone: 'UTC',
  accent_color: '#3b5bdb',
  logo_url: null,
  terms_version: '2026-01',
  prices_include_tax: false,
  sandbox: false,
  now: '',
}

async function read<T>(path: string): Promise<T | null> {
  const origin = process.env.API_ORIGIN ?? 'http://127.0.0.1:8001'
  try {
    const answer = await fetch(origin + path, { cache: 'no-store', signal: AbortSignal.timeout(5000) })
    return answer.ok ? ((await answer.json()) as T) : null
  } catch {
    // A page without prices still says who we are; the client asks again.
    return null
  }
}

export const getCompany = cache(async (): Promise<Company> => ({ ...UNNAMED, ...(await read<Company>('/api/v1/company')) }))
export const getPlans = cache(async (): Promise<Plan[]> => (await read<{ items: Plan[] }>('/api/v1/plans'))?.items ?? [])
export const getProducts = cache(async (): Promise<Plan[]> => (await read<{ items: Plan[] }>('/api/v1/plans?kind=product'))?.items ?? [])
export const getTlds = cache(async (): Promise<Tld[]> => (await read<{ items: Tld[] }>('/api/v1/tlds'))?.items ?? [])
