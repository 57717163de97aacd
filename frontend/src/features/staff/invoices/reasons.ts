import type { MoneyBody } from '@/api/client'
import type { InvoiceLine, LineReasons } from './queries'

const PPM = 1_000_000n

interface Override {
  list_minor: number
  reason: string
  by: string
}

export interface PriceSource {
  kind: 'list' | 'override' | 'free' | 'inclusive' | 'ordered'
  product: string | null
  version: number | null
  listed: MoneyBody | null
  pricedOn: string | null
  reason: string | null
  by: string | null
  cycle: { unit: string; count: number } | null
  coupon: { code: string; version: number; percent_ppm: number | null } | null
  trialDays: number | null
}

export interface TaxFacts {
  reason: string | null
  scheme: string | null
  place: string | null
  idState: string | null
  ruleVersion: number | null
}

/** How a tax came from its net: by its own rounding, as the part of a listed price that is tax, or as its share of a sum that was rounded once. */
export type Rounding = 'none' | 'line' | 'inclusive' | 'share'

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function whole(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null
}

/** What the listed price says of the whole line; the same as the line where the list's prices are net. */
function listedMinor({ line, details }: LineReasons): number {
  const unit = whole(details.unit_minor) ?? line.unit_net.amount
  return unit * (whole(details.quantity) ?? line.quantity)
}

function holdsTax(reasons: LineReasons): boolean {
  return listedMinor(reasons) !== reasons.line.unit_net.amount * reasons.line.quantity
}

export function priceOf(reasons: LineReasons): PriceSource {
  const { line, details } = reasons
  const { currency } = line.net
  const override = details.override as Override | undefined
  const version = whole(details.price_version)
  const kind = override ? 'override' : details.source === 'free' ? 'free' : holdsTax(reasons) ? 'inclusive' : version === null ? 'ordered' : 'list'
  const listed = override ? override.list_minor : kind === 'inclusive' ? listedMinor(reasons) : null
  return {
    kind,
    product: text(details.product) ?? text(details.code),
    version,
    listed: listed === null ? null : { amount: listed, currency },
    pricedOn: text(details.priced_on),
    reason: override?.reason ?? text(details.reason),
    by: override?.by ?? null,
    cycle: (details.cycle as PriceSource['cycle']) ?? null,
    coupon: (details.coupon as PriceSource['coupon']) ?? null,
    trialDays: whole(details.trial_days),
  }
}

export function taxOf({ details }: LineReasons): TaxFacts {
  const tax = (details.tax ?? {}) as Record<string, unknown>
  return {
    reason: text(tax.reason),
    scheme: text(tax.scheme),
    place: text(tax.place),
    idState: text(tax.id_state),
    ruleVersion: whole(tax.rule_version),
  }
}

/** A share in parts per million, half away from zero: the sums may be larger than a float is exact for. */
export function shareOf(amount: number, ppm: number): number {
  const product = BigInt(Math.abs(amount)) * BigInt(ppm)
  const rounded = Number((2n * product + PPM) / (2n * PPM))
  return amount < 0 ? -rounded : rounded
}

export function roundingOf(reasons: LineReasons): Rounding {
  const { line }: { line: InvoiceLine } = reasons
  if (line.tax_rate_ppm === 0) return 'none'
  if (shareOf(line.net.amount, line.tax_rate_ppm) === line.tax.amount) return 'line'
  return holdsTax(reasons) ? 'inclusive' : 'share'
}
