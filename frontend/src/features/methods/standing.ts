import type { Method } from './queries'

const SOON = 45
const DAY = 86_400_000

export type CardStanding = 'barred' | 'expired' | 'problem' | 'expiring' | 'fine'

/** What its holder should know of a card, the worst first. `expires_on` is the last day on which it is good. */
export function standingOfCard(card: Pick<Method, 'barred' | 'expires_on' | 'problem'>, now: number): CardStanding {
  if (card.barred) return 'barred'
  const left = Math.floor((Date.parse(`${card.expires_on}T23:59:59Z`) - now) / DAY)
  if (left < 0) return 'expired'
  if (card.problem) return 'problem'
  return left <= SOON ? 'expiring' : 'fine'
}
