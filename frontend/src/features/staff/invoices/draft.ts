import { Problem, type Schemas } from '@/api/client'
import { moneyText, parseMoney } from '../amounts'
import type { Explanation, Invoice, LineReasons } from './queries'

type Kind = 'free' | 'plan' | 'name'
type ProductClass = 'service' | 'hosting' | 'domain'
type LineBody = Schemas['DraftLineBody']

/** A line as it stands in the form; amounts as they were typed. */
export interface LineValues {
  key: string
  kind: Kind
  description: string
  productClass: ProductClass
  quantity: string
  unitNet: string
  priceReason: string
  discount: string
  discountNote: string
  start: string
  end: string
  plan: string
  unit: NonNullable<Schemas['PlanChoiceBody']['unit']>
  count: string
  domain: string
  operation: NonNullable<Schemas['NameBody']['operation']>
  years: string
}

export interface DraftValues {
  customerId: string
  currency: string
  lines: LineValues[]
  buyerReference: string
  orderNumber: string
  notes: string
  terms: string
}

export function newLine(kind: Kind = 'free'): LineValues {
  return {
    key: crypto.randomUUID(),
    kind,
    description: '',
    productClass: 'service',
    quantity: '1',
    unitNet: '',
    priceReason: '',
    discount: '',
    discountNote: '',
    start: '',
    end: '',
    plan: '',
    unit: 'month',
    count: '1',
    domain: '',
    operation: 'register',
    years: '1',
  }
}

const FIELDS = [
  'description',
  'unit_net',
  'price_reason',
  'discount',
  'discount_note',
  'quantity',
  'period',
  'plan',
  'name',
  'product_class',
] as const

/** All that the API may find fault with, by its names. */
export function namesOf(values: DraftValues): string[] {
  const lines = values.lines.flatMap((_, at) => FIELDS.map((field) => `lines.${at}.${field}`))
  const parts = values.lines.flatMap((_, at) =>
    ['plan.plan', 'plan.count', 'name.domain', 'name.years', 'unit_net.amount', 'discount.amount'].map((field) => `lines.${at}.${field}`),
  )
  return ['customer_id', 'currency', 'buyer_reference', 'order_number', 'notes', 'terms_days', ...lines, ...parts]
}

interface Words {
  amount: string
  number: string
  customer: string
}

/** What the API is sent; what cannot even be read as a number is refused here, at its field. */
export function bodyOf(values: DraftValues, words: Words): Schemas['NewDraftBody'] {
  const wrong: { field: string; message: string }[] = []
  if (!values.customerId) wrong.push({ field: 'customer_id', message: words.customer })
  const money = (text: string, field: string) => {
    if (!text.trim()) return null
    const found = parseMoney(text, values.currency)
    if (!found) wrong.push({ field, message: words.amount })
    return found
  }
  const whole = (text: string, field: string) => {
    if (!/^\d{1,9}$/.test(text.trim())) wrong.push({ field, message: words.number })
    return Number(text)
  }
  const lines = values.lines.map((line, at): LineBody => {
    const path = `lines.${at}`
    const product = productOf(line, (text, field) => whole(text, `${path}.${field}`))
    return {
      quantity: whole(line.quantity, `${path}.quantity`),
      description: line.description.trim() || null,
      product_class: line.productClass,
      unit_net: money(line.unitNet, `${path}.unit_net`),
      price_reason: line.priceReason.trim() || null,
      discount: money(line.discount, `${path}.discount`),
      discount_note: line.discountNote.trim() || null,
      period: line.start && line.end ? { start: line.start, end: line.end } : null,
      ...product,
    }
  })
  const terms_days = whole(values.terms, 'terms_days')
  if (wrong.length > 0) throw new Problem(422, 'invalid', '', wrong)
  return {
    customer_id: values.customerId,
    currency: values.currency,
    lines,
    buyer_reference: values.buyerReference.trim() || null,
    order_number: values.orderNumber.trim() || null,
    notes: values.notes.trim() || null,
    terms_days,
  }
}

function productOf(line: LineValues, whole: (text: string, field: string) => number): Pick<LineBody, 'plan' | 'name'> {
  if (line.kind === 'plan') return { plan: { plan: line.plan, unit: line.unit, count: whole(line.count, 'plan.count') } }
  if (line.kind === 'name') return { name: { domain: line.domain.trim(), operation: line.operation, years: whole(line.years, 'name.years') } }
  return {}
}

/** A draft as it was written, to be changed. */
export function valuesOf(invoice: Invoice, explanation: Explanation): DraftValues {
  return {
    customerId: invoice.customer_id,
    currency: invoice.total.currency,
    lines: explanation.lines.map(lineOf),
    buyerReference: invoice.buyer_reference ?? '',
    orderNumber: invoice.order_number ?? '',
    notes: invoice.notes ?? '',
    terms: String(invoice.terms_days ?? 0),
  }
}

function lineOf({ line, details, product_class }: LineReasons): LineValues {
  const [source, code] = String(details.product ?? '').split(':')
  const known = {
    ...newLine(),
    key: line.id,
    description: line.description,
    quantity: String(line.quantity),
    productClass: product_class as ProductClass,
  }
  const discounted = line.discount.amount !== 0
  const common = {
    ...known,
    discount: discounted ? moneyText(line.discount) : '',
    discountNote: discounted ? (line.discount_note ?? '') : '',
    start: line.period?.start ?? '',
    end: line.period?.end ?? '',
  }
  const override = details.override as { reason: string } | undefined
  const priced = override ? { unitNet: moneyText(line.unit_net), priceReason: override.reason } : {}
  if (source === 'plan' && code) {
    const cycle = details.cycle as { unit: LineValues['unit']; count: number }
    return { ...common, ...priced, kind: 'plan', plan: code, unit: cycle.unit, count: String(cycle.count) }
  }
  if (source === 'tld' && typeof details.name === 'string')
    return {
      ...common,
      ...priced,
      kind: 'name',
      domain: details.name,
      operation: details.operation as LineValues['operation'],
      years: String(details.years),
    }
  return { ...common, unitNet: moneyText(line.unit_net), priceReason: typeof details.reason === 'string' ? details.reason : '' }
}
