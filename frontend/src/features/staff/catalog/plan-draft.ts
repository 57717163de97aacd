import type { Schemas } from '@/api/client'
import { type LimitRow, limitRows, limitsOf } from './limits-field'
import type { Kind, Plan, Unit } from './queries'
import type { Sheet } from './sheet'

/** A plan as it stands in its form: numbers as they were typed. */
export interface PlanDraft {
  kind: Kind
  code: string
  name: string
  tagline: string
  description: string
  position: string
  limits: LimitRow[]
  features: string[]
  trial: string
  addons: string[]
  options: string[]
  included: boolean
  count: string
  tlds: string[]
  /** `any`: whichever cycle is bought. */
  least: Exclude<Unit, 'once'> | 'any'
  leastCount: string
  lasts: 'first_year' | 'while_active'
}

const USUAL = { accounts: 1, domains: 1, databases: 1, emails: 10 }

export function newDraft(kind: Kind): PlanDraft {
  return {
    kind,
    code: '',
    name: '',
    tagline: '',
    description: '',
    position: '',
    limits: kind === 'hosting' ? limitRows(USUAL) : [],
    features: [],
    trial: '0',
    addons: [],
    options: [],
    included: false,
    count: '1',
    tlds: [],
    least: 'any',
    leastCount: '1',
    lasts: 'first_year',
  }
}

export function draftOf(plan: Plan): PlanDraft {
  const { included_domains: included } = plan
  const least = included?.minimum_cycle
  return {
    ...newDraft(plan.kind),
    code: plan.code,
    name: plan.name,
    tagline: plan.tagline,
    description: plan.description,
    position: String(plan.position),
    limits: limitRows(plan.limits),
    features: plan.features,
    trial: String(plan.trial_days),
    addons: plan.addons,
    options: plan.options,
    included: included !== null,
    count: String(included?.count ?? 1),
    tlds: included?.tlds ?? [],
    least: least && least.unit !== 'once' ? least.unit : 'any',
    leastCount: String(least?.count ?? 1),
    lasts: included?.lasts ?? 'first_year',
  }
}

function includedOf(draft: PlanDraft, sheet: Sheet): Schemas['PlanChange']['included_domains'] {
  if (!draft.included) return null
  const minimum = draft.least === 'any' ? null : { unit: draft.least, count: sheet.whole('minimum_cycle', draft.leastCount) }
  return { count: sheet.whole('count', draft.count), tlds: draft.tlds, minimum_cycle: minimum, lasts: draft.lasts }
}

/** What an add-on or a product cannot have is left out. */
export function changeOf(draft: PlanDraft, sheet: Sheet): Schemas['PlanChange'] {
  const { name, tagline, description, features } = draft
  const position = draft.position.trim() ? { position: sheet.whole('position', draft.position) } : {}
  const common = { name, tagline, description, features, limits: limitsOf(draft.limits, sheet), ...position }
  if (draft.kind !== 'hosting') return common
  return {
    ...common,
    trial_days: sheet.whole('trial_days', draft.trial),
    addons: draft.addons,
    options: draft.options,
    included_domains: includedOf(draft, sheet),
  }
}
