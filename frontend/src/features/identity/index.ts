'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, Problem, problemOf, take } from '@/api/client'
import { closeSession, hasSessionHint, type Me, openSession } from '@/api/session'

export const ME = ['me'] as const

/** Who is logged in; null for nobody. */
export function useMe() {
  return useQuery<Me | null>({
    queryKey: ME,
    queryFn: async () => {
      if (!hasSessionHint()) return null
      try {
        return await take(api.GET('/api/v1/auth/me'))
      } catch (error) {
        if (error instanceof Problem && error.status === 401) return null
        throw error
      }
    },
    staleTime: 60_000,
  })
}

export async function enter(email: string, password: string): Promise<Me> {
  let answer: Response
  try {
    answer = await openSession(email, password)
  } catch {
    throw new Problem(0, 'unreachable', '')
  }
  if (!answer.ok) throw await problemOf(answer)
  return (await answer.json()) as Me
}

export function useLogin() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ email, password }: { email: string; password: string }) => enter(email, password),
    onSuccess: (me) => {
      queries.removeQueries({ predicate: (query) => query.queryKey[0] !== 'me' })
      queries.setQueryData(ME, me)
    },
  })
}

export function useLogout() {
  return useMutation({
    mutationFn: async () => {
      await closeSession()
    },
    // A full load, so that nothing of the one who left stays in memory.
    onSettled: () => window.location.assign('/login'),
  })
}

/** Only a path of ours: a link must not lead from our login to somebody else. */
export function safeNext(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) ? next : '/dashboard'
}
