import type { components } from './schema'

export type Me = components['schemas']['MeBody']

/** What the shop says of itself to anybody. */
export interface Company {
  name: string
  address: string
  country: string
  email: string
  currency: string
  time_zone: string
  accent_color: string
  logo_url: string | null
  terms_version: string
}

const SESSION = '/api/v1/auth/session'
const REFRESHED_AT = 'np_refreshed_at'

export function hasSessionHint(): boolean {
  return typeof document !== 'undefined' && /(?:^|;\s*)np_session=/.test(document.cookie)
}

export function openSession(email: string, password: string): Promise<Response> {
  return fetch(SESSION, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email, password }) })
}

export function closeSession(): Promise<Response> {
  return fetch(SESSION, { method: 'DELETE' })
}

let underway: Promise<boolean> | null = null

/** Refreshes once for all requests of this page and, through a lock, once for all tabs. */
export function refreshSession(): Promise<boolean> {
  underway ??= inOneTab(Date.now()).finally(() => {
    underway = null
  })
  return underway
}

async function inOneTab(asked: number): Promise<boolean> {
  const work = async () => {
    if (Number(localStorage.getItem(REFRESHED_AT) ?? 0) >= asked) return true
    const answer = await fetch(`${SESSION}/refresh`, { method: 'POST', headers: { 'content-type': 'application/json' } })
    if (answer.ok) localStorage.setItem(REFRESHED_AT, String(Date.now()))
    return answer.ok
  }
  // Locks exist in secure contexts only; without them each tab refreshes for itself, which the API bears.
  return 'locks' in navigator ? navigator.locks.request('np-refresh', work) : work()
}
