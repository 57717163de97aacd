import type { Schemas } from '@/api/client'
import type { Coupon } from './queries'
import { type Sheet, typedAmount, typedPercent } from './sheet'

export interface AmountRow {
  key: string
  currency: string
  typed: string
}

export interface CouponDraft {
  code: string
  name: string
  kind: 'percent' | 'amount'
  percent: string
  amounts: AmountRow[]
  minimums: AmountRow[]
  forEver: boolean
  periods: string
  everything: boolean
  plans: string[]
  tlds: string[]
  setup: boolean
  newcomers: boolean
  perCustomer: string
  most: string
  from: string
  until: string
}

const rowsOf = (amounts: Record<string, number>): AmountRow[] =>
  Object.entries(amounts).map(([currency, amount]) => ({ key: currency, currency, typed: typedAmount(amount, currency) }))

export const newRow = (currency: string): AmountRow => ({ key: crypto.randomUUID(), currency, typed: '' })

export function newCoupon(currency: string): CouponDraft {
  return {
    code: '',
    name: '',
    kind: 'percent',
    percent: '10',
    amounts: [newRow(currency)],
    minimums: [],
    forEver: false,
    periods: '1',
    everything: true,
    plans: [],
    tlds: [],
    setup: false,
    newcomers: false,
    perCustomer: '1',
    most: '',
    from: '',
    until: '',
  }
}

export function draftOf(coupon: Coupon, currency: string): CouponDraft {
  const percent = coupon.percent_ppm !== null
  return {
    code: coupon.code,
    name: coupon.name,
    kind: percent ? 'percent' : 'amount',
    percent: coupon.percent_ppm === null ? '' : typedPercent(coupon.percent_ppm),
    amounts: percent ? [newRow(currency)] : rowsOf(coupon.amounts),
    minimums: rowsOf(coupon.minimums),
    forEver: coupon.periods === null,
    periods: String(coupon.periods ?? 1),
    everything: coupon.plan_codes.length + coupon.tlds.length === 0,
    plans: coupon.plan_codes,
    tlds: coupon.tlds,
    setup: coupon.covers_setup,
    newcomers: coupon.new_customers_only,
    perCustomer: String(coupon.per_customer ?? ''),
    most: String(coupon.max_uses ?? ''),
    from: coupon.valid_from ?? '',
    until: coupon.valid_until ?? '',
  }
}

function amountsOf(field: string, rows: readonly AmountRow[], sheet: Sheet): Record<string, number> {
  return Object.fromEntries(rows.map(({ currency, typed }) => [currency, sheet.amount(`${field}.${currency}`, typed, currency).amount]))
}

/** Everything is sent, so that what was taken out of the form is taken out of the coupon. */
export function bodyOf(draft: CouponDraft, sheet: Sheet) {
  const percent = draft.kind === 'percent'
  return {
    name: draft.name,
    percent_ppm: percent ? sheet.percent('percent_ppm', draft.percent) : null,
    amounts: percent ? {} : amountsOf('amounts', draft.amounts, sheet),
    minimums: amountsOf('minimums', draft.minimums, sheet),
    periods: draft.forEver ? null : sheet.whole('periods', draft.periods),
    plan_codes: draft.everything ? [] : draft.plans,
    tlds: draft.everything ? [] : draft.tlds,
    covers_setup: draft.setup,
    new_customers_only: draft.newcomers,
    per_customer: sheet.limit('per_customer', draft.perCustomer),
    max_uses: sheet.limit('max_uses', draft.most),
    valid_from: draft.from || null,
    valid_until: draft.until || null,
  } satisfies Schemas['CouponChange']
}
