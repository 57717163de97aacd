import { type FieldProblem, Problem } from '@/api/client'
import { placesOf } from '@/lib/money'

const WHOLE = /^\d{1,12}$/
const DECIMAL = /^(\d{1,12})(?:[.,](\d+))?$/

/** `9.99` or `9,99` in the currency's minor units, without a float on the way; null where it is no such amount. */
export function parseAmount(text: string, currency: string): number | null {
  const [, whole, part = ''] = text.trim().match(DECIMAL) ?? []
  const places = placesOf(currency)
  const kept = part.replace(/0+$/, '')
  return whole === undefined || kept.length > places ? null : Number(whole + kept.padEnd(places, '0'))
}

/** Minor units as one would type them: `9.99`. */
export function typedAmount(amount: number, currency: string): string {
  const places = placesOf(currency)
  const digits = String(amount).padStart(places + 1, '0')
  return places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`
}

const PPM_PLACES = 4

/** `12.5` percent in parts per million; null where it is no percentage above 0 and up to 100. */
export function parsePercent(text: string): number | null {
  const [, whole, part = ''] = text.trim().match(DECIMAL) ?? []
  const kept = part.replace(/0+$/, '')
  if (whole === undefined || kept.length > PPM_PLACES) return null
  const ppm = Number(whole + kept.padEnd(PPM_PLACES, '0'))
  return ppm > 0 && ppm <= 1_000_000 ? ppm : null
}

export function typedPercent(ppm: number): string {
  return String(ppm / 10 ** PPM_PLACES)
}

export interface FaultWords {
  whole: string
  amount: string
  percent: string
}

/** Reads what was typed. What can't be read is not sent as something else: it is told at its field, all of it at once. */
export class Sheet {
  private readonly found: FieldProblem[] = []

  constructor(private readonly words: FaultWords) {}

  whole(field: string, text: string): number {
    return this.read(field, WHOLE.test(text.trim()) ? Number(text) : null, this.words.whole)
  }

  /** Nothing typed is no limit. */
  limit(field: string, text: string): number | null {
    return text.trim() ? this.whole(field, text) : null
  }

  amount(field: string, text: string, currency: string): { amount: number; currency: string } {
    return { amount: this.read(field, parseAmount(text, currency), this.words.amount), currency }
  }

  percent(field: string, text: string): number {
    return this.read(field, parsePercent(text), this.words.percent)
  }

  check(): void {
    if (this.found.length > 0) throw new Problem(422, 'invalid', '', this.found)
  }

  private read(field: string, value: number | null, message: string): number {
    if (value === null) this.found.push({ field, message })
    return value ?? 0
  }
}
