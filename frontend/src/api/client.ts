import createClient from 'openapi-fetch'
import { setReached } from './reach'
import type { components, paths } from './schema'
import { sendAgain, sessionHint } from './session'

export type Schemas = components['schemas']
export type MoneyBody = Schemas['MoneyBody']

/** A wrong password is refused with 401 as well, and no fresh session makes it right. */
async function wantsLogin(response: Response): Promise<boolean> {
  if (response.status !== 401) return false
  const body = (await response
    .clone()
    .json()
    .catch(() => null)) as Partial<Schemas['ProblemBody']> | null
  return body?.code !== 'bad_credentials'
}

async function withRefresh(request: Request): Promise<Response> {
  const again = request.clone()
  const held = sessionHint()
  const first = await fetch(request)
  return (await wantsLogin(first)) ? sendAgain(first, again, held) : first
}

const origin = typeof window === 'undefined' ? 'http://localhost' : window.location.origin
export const api = createClient<paths>({ baseUrl: origin, fetch: withRefresh })

export interface FieldProblem {
  field: string
  message: string
}

/** What the API answered when it did not do what was asked. `status` 0: it was not reached. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly fields: FieldProblem[] = [],
    readonly correlation: string | null = null,
  ) {
    super(detail)
  }
}

const unreachable = () => new Problem(0, 'unreachable', '')

export async function problemOf(response: Response, body?: unknown): Promise<Problem> {
  const given = body ?? (await response.json().catch(() => null))
  const found = (typeof given === 'object' ? given : null) as Partial<Schemas['ProblemBody']> | null
  // A server's error that is no problem of the API's own comes from the front door: there is nobody behind it.
  if (response.status >= 500 && !found?.code) return unreachable()
  return new Problem(response.status, found?.code ?? 'unknown', found?.detail ?? '', found?.fields ?? [], found?.correlation_id ?? null)
}

/** The answer's data, or a `Problem` thrown. */
export async function take<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const answer = await call.catch(() => null)
  const problem = answer === null ? unreachable() : answer.response.ok ? null : await problemOf(answer.response, answer.error)
  setReached(problem?.status !== 0)
  if (problem) throw problem
  return answer?.data as T
}

export function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(500, 'unknown', '')
}
