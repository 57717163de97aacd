import { moneyText, parseMoney } from '../amounts'
import type { Policy, PolicyChange } from './queries'

/** The form's values: what can be said about a policy, as text and switches. */
export interface PolicyValues {
  effective_on: string
  seller_country: string
  small_business: boolean
  note_en: string
  note_de: string
  oss: Policy['oss']
  threshold: string
  inclusive: boolean
  /** Codes of the countries where it is the other way round. */
  otherwise: string
  rounding_scope: Policy['rounding_scope']
  rounding_mode: Policy['rounding_mode']
  third_country: Policy['third_country']
  recheck_days: string
  requester_id: string
  late_proof: Policy['late_proof']
  provider_countries: string
  provider_failure: Policy['provider_failure']
}

export function policyValues(policy: Policy | undefined, country: string): PolicyValues {
  const { home_currency: currency = '', threshold_minor: amount = null } = policy ?? {}
  return {
    effective_on: '',
    seller_country: policy?.seller_country ?? country,
    small_business: policy?.small_business ?? false,
    note_en: policy?.small_business_notes.en ?? '',
    note_de: policy?.small_business_notes.de ?? '',
    oss: policy?.oss ?? 'auto',
    threshold: amount === null ? '' : moneyText({ amount, currency }),
    inclusive: policy?.inclusive ?? false,
    otherwise: exceptions(policy).join(', '),
    rounding_scope: policy?.rounding_scope ?? 'line',
    rounding_mode: policy?.rounding_mode ?? 'half_up',
    third_country: policy?.third_country ?? 'O',
    recheck_days: String(policy?.recheck_days ?? 30),
    requester_id: policy?.requester_id ?? '',
    late_proof: policy?.late_proof ?? 'automatic',
    provider_countries: policy?.provider_countries.join(', ') ?? '',
    provider_failure: policy?.provider_failure ?? 'refuse',
  }
}

type Said = Omit<PolicyChange, 'reason'>

/** Only what differs: what is left out of a change stays as it is. Null where the threshold is no amount. */
export function changeOf(before: PolicyValues, after: PolicyValues, currency: string): Said | null {
  const changed: Said = {}
  const plain = [
    'seller_country',
    'small_business',
    'oss',
    'inclusive',
    'rounding_scope',
    'rounding_mode',
    'third_country',
    'late_proof',
    'provider_failure',
  ] as const
  for (const name of plain) if (before[name] !== after[name]) Object.assign(changed, { [name]: after[name] })
  if (before.recheck_days !== after.recheck_days) changed.recheck_days = Number(after.recheck_days)
  if (before.requester_id !== after.requester_id) changed.requester_id = after.requester_id.trim() || null
  if (before.provider_countries !== after.provider_countries) changed.provider_countries = codes(after.provider_countries)
  if (before.otherwise !== after.otherwise || before.inclusive !== after.inclusive) {
    const told = Object.fromEntries(codes(after.otherwise).map((code) => [code, !after.inclusive]))
    if (before.otherwise || after.otherwise) changed.inclusive_by_country = told
  }
  if (before.note_en !== after.note_en || before.note_de !== after.note_de) changed.small_business_notes = notesOf(after)
  if (before.threshold !== after.threshold) {
    const amount = after.threshold.trim() ? parseMoney(after.threshold, currency) : null
    if (after.threshold.trim() && !amount) return null
    changed.threshold_minor = amount?.amount ?? null
  }
  if (after.effective_on) changed.effective_on = after.effective_on
  return changed
}

function notesOf({ note_en, note_de }: PolicyValues): Record<string, string> {
  const notes = { en: note_en.trim(), de: note_de.trim() }
  return Object.fromEntries(Object.entries(notes).filter(([, note]) => note))
}

function codes(text: string): string[] {
  return text
    .toUpperCase()
    .split(/[\s,;]+/)
    .filter(Boolean)
}

function exceptions(policy: Policy | undefined): string[] {
  const told = Object.entries(policy?.inclusive_by_country ?? {})
  return told.filter(([, held]) => held !== policy?.inclusive).map(([code]) => code)
}
