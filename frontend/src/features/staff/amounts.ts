import type { MoneyBody } from '@/api/client'
import { placesOf, plainAmount } from '@/lib/money'

const PPM_PLACES = 6
const PERCENT_PLACES = 4

/** `12.50` or `12,50` with at most so many places, as a whole number of the smallest unit; null where it is no such number. Never by way of a float. */
export function parseScaled(text: string, places: number): number | null {
  const found = /^(-?)(\d{1,13})(?:[.,](\d+))?$/.exec(text.trim())
  const rest = found?.[3] ?? ''
  if (!found || rest.length > places) return null
  const whole = Number(`${found[2]}${rest.padEnd(places, '0')}`)
  if (!Number.isSafeInteger(whole)) return null
  return found[1] && whole !== 0 ? -whole : whole
}

/** What somebody typed as money; null where it is none, such as with a separator of thousands. */
export function parseMoney(text: string, currency: string): MoneyBody | null {
  if (!/^[A-Z]{3}$/.test(currency)) return null
  const amount = parseScaled(text, placesOf(currency))
  return amount === null ? null : { amount, currency }
}

/** As it stands in a field. */
export function moneyText(money: MoneyBody | null | undefined): string {
  return money ? plainAmount(money) : ''
}

/** `19` or `8,1` percent as parts per million. */
export function parsePercent(text: string): number | null {
  const found = parseScaled(text, PERCENT_PLACES)
  return found !== null && found >= 0 ? found : null
}

/** `1.085` as 1085000. */
export function parseRate(text: string): number | null {
  const found = parseScaled(text, PPM_PLACES)
  return found !== null && found > 0 ? found : null
}

export function rateText(ppm: number): string {
  const digits = String(ppm).padStart(PPM_PLACES + 1, '0')
  const cut = digits.length - PPM_PLACES
  return `${digits.slice(0, cut)}.${digits.slice(cut)}`.replace(/0{1,4}$/, '')
}
