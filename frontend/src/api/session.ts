import type { components } from './schema'
import { announceEnd } from './session-end'

export type Me = components['schemas']['MeBody']
/** What the shop says of itself to anybody. */
export type Company = components['schemas']['CompanyBody']

const SESSION = '/api/v1/auth/session'
const REFRESHED_AT = 'np_refreshed_at'
const REFUSALS = [401, 403]

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

/**
 * Refreshes once for all requests of this page and, through a lock, once for all tabs: nothing is done where somebody has refreshed
 * since the refused request was `sent`. False: the session is over. Throws where nobody said so: who is too busy, broken or away
 * to answer has ended nothing.
 */
export function refreshSession(sent: number): Promise<boolean> {
  underway ??= inOneTab(sent).finally(() => {
    underway = null
  })
  return underway
}

async function inOneTab(sent: number): Promise<boolean> {
  const work = async () => {
    const last = Number(localStorage.getItem(REFRESHED_AT) ?? 0)
    // A time to come was written by a clock that has been set back since.
    if (last >= sent && last <= Date.now()) return true
    const answer = await fetch(`${SESSION}/refresh`, { method: 'POST', headers: { 'content-type': 'application/json' } })
    if (REFUSALS.includes(answer.status)) return false
    if (!answer.ok) throw new Error(`the refresh was answered with ${answer.status}`)
    localStorage.setItem(REFRESHED_AT, String(Date.now()))
    return true
  }
  // Locks exist in secure contexts only; without them each tab refreshes for itself, which the API bears.
  const locks = navigator.locks as LockManager | undefined
  return locks ? locks.request('np-refresh', work) : work()
}

/** A request that was refused for want of a login: again with a fresh one, or the end of the session is told to the page. */
export async function sendAgain(first: Response, again: Request, sent: number): Promise<Response> {
  if (hasSessionHint() && (await refreshSession(sent))) {
    const second = await fetch(again)
    if (second.status !== 401) return second
  }
  announceEnd()
  return first
}
