'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { api, Problem, problemOf, take } from '@/api/client'
import { setReached } from '@/api/reach'
import { closeSession, hasSessionHint, type Me, openSession } from '@/api/session'
import { announceLogin, forgetVisitor } from '@/api/session-end'

export const ME = ['me'] as const
const FRESH = 60_000

/** Who is logged in; null for nobody. `every`: ask again after so many milliseconds. */
export function useMe(every: number | false = false) {
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
    staleTime: FRESH,
    refetchInterval: every,
  })
}

async function accepted(call: Promise<Response>): Promise<Response> {
  const answer = await call.catch(() => null)
  const problem = answer === null ? new Problem(0, 'unreachable', '') : answer.ok ? null : await problemOf(answer)
  setReached(problem?.status !== 0)
  if (problem || !answer) throw problem
  return answer
}

export function useLogin() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async ({ email, password }: { email: string; password: string }) =>
      (await accepted(openSession(email, password))).json() as Promise<Me>,
    onSuccess: (me) => {
      queries.removeQueries({ predicate: (query) => query.queryKey[0] !== 'me' })
      queries.setQueryData(ME, me)
      announceLogin(me.id)
    },
  })
}

/** Leaves only once the API has ended the session: else the cookies would still be good, and the page would say otherwise. */
export function useLogout() {
  const t = useTranslations('common')
  return useMutation({
    mutationFn: () => accepted(closeSession()),
    onError: async () => {
      const { notifications } = await import('@mantine/notifications')
      notifications.show({ message: t('logoutFailed'), color: 'orange' })
    },
    onSuccess: () => {
      forgetVisitor()
      // A full load, so that nothing of the one who left stays in memory.
      window.location.assign('/login')
    },
  })
}
