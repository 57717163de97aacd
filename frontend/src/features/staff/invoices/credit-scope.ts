import { parseMoney } from '../amounts'
import type { CreditScope } from './queries'

export type Way = 'whole' | 'lines' | 'amount'

export interface Choice {
  way: Way
  /** Of all lines together, where the way is `amount`. */
  amount: string
  /** The lines that are taken back, with an amount where not all of it is. */
  lines: Record<string, string>
}

/** As the API asks for it; null while something that was typed is no amount, or nothing was chosen. */
export function scopeOf(choice: Choice, currency: string): CreditScope | null {
  if (choice.way === 'whole') return {}
  if (choice.way === 'amount') {
    const amount = parseMoney(choice.amount, currency)
    return amount && { amount }
  }
  const chosen = Object.entries(choice.lines)
  if (chosen.length === 0) return null
  if (chosen.every(([, text]) => !text.trim())) return { lines: chosen.map(([id]) => id) }
  return byLine(chosen, currency)
}

function byLine(chosen: [string, string][], currency: string): CreditScope | null {
  const parts = chosen.map(([id, text]) => ({ id, amount: parseMoney(text, currency) }))
  const known = parts.filter((part): part is { id: string; amount: { amount: number; currency: string } } => part.amount !== null)
  return known.length === parts.length ? { by_line: known } : null
}
