import type { components } from './schema'
import { announceEnd } from './session-end'

export type Me = components['schemas']['MeBody']
/** What the shop says of itself to anybody. */
export type Company = components['schemas']['CompanyBody']

const SESSION = '/api/v1/auth/session'
const REFUSALS = [401, 403]

/** What JavaScript may know of the session: another word after each refresh, none where nobody is logged in. */
export function sessionHint(): string {
  return typeof document === 'undefined' ? '' : (/(?:^|;\s*)np_session=([^;]+)/.exec(document.cookie)?.[1] ?? '')
}

export function hasSessionHint(): boolean {
  return sessionHint() !== ''
}

export function openSession(email: string, password: string): Promise<Response> {
  return fetch(SESSION, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email, password }) })
}

export function closeSession(): Promise<Response> {
  return fetch(SESSION, { method: 'DELETE' })
}

let underway: Promise<boolean> | null = null

/**
 * Refreshes once for all requests of this page and, through a lock, once for all tabs: nothing is done where the hint is no longer the
 * one that was `held` when the refused request went out. (Tabs see each other's cookies at once, their storage only a little later.) False: the session is over. Throws where nobody said so: who is too busy, broken or away
 * to answer has ended nothing.
 */
export function refreshSession(held: string): Promise<boolean> {
  underway ??= inOneTab(held).finally(() => {
    underway = null
  })
  return underway
}

async function inOneTab(held: string): Promise<boolean> {
  const work = async () => {
    if (sessionHint() !== held) return hasSessionHint()
    const answer = await fetch(`${SESSION}/refresh`, { method: 'POST', headers: { 'content-type': 'application/json' } })
    if (REFUSALS.includes(answer.status)) return false
    if (!answer.ok) throw new Error(`the refresh was answered with ${answer.status}`)
    return true
  }
  // Locks exist in secure contexts only; without them each tab refreshes for itself, which the API bears.
  const locks = navigator.locks as LockManager | undefined
  return locks ? locks.request('np-refresh', work) : work()
}

/** A request that was refused for want of a login: again with a fresh one, or the end of the session is told to the page. */
export async function sendAgain(first: Response, again: Request, held: string): Promise<Response> {
  if (hasSessionHint() && (await refreshSession(held))) {
    const second = await fetch(again)
    if (second.status !== 401) return second
  }
  announceEnd()
  return first
}
