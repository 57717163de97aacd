import createClient from 'openapi-fetch'
import type { components, paths } from './schema'
import { hasSessionHint, refreshSession } from './session'

export type Schemas = components['schemas']
export type MoneyBody = Schemas['MoneyBody']

async function withRefresh(request: Request): Promise<Response> {
  const again = request.clone()
  const first = await fetch(request)
  if (first.status !== 401 || !hasSessionHint()) return first
  return (await refreshSession()) ? fetch(again) : first
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

export async function problemOf(response: Response, body?: unknown): Promise<Problem> {
  const found = (body ?? (await response.json().catch(() => null))) as Partial<Schemas['ProblemBody']> | null
  return new Problem(response.status, found?.code ?? 'unknown', found?.detail ?? '', found?.fields ?? [], found?.correlation_id ?? null)
}

/** The answer's data, or a `Problem` thrown. */
export async function take<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  let answer: Awaited<typeof call>
  try {
    answer = await call
  } catch {
    throw new Problem(0, 'unreachable', '')
  }
  if (!answer.response.ok) throw await problemOf(answer.response, answer.error)
  return answer.data as T
}

export function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(0, 'unreachable', '')
}
