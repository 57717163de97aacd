import type { Schemas } from '@/api/client'
import { type LimitRow, limitRows, limitsOf } from './limits-field'
import type { Option } from './queries'
import type { Sheet } from './sheet'

export interface ValueDraft {
  key: string
  code: string
  name: string
  limits: LimitRow[]
  features: string[]
  /** Its code never changes: what was sold is known by it. */
  stored: boolean
}

export interface OptionDraft {
  code: string
  kind: Option['kind']
  name: string
  description: string
  required: boolean
  minimum: string
  maximum: string
  values: ValueDraft[]
}

export function newValue(): ValueDraft {
  return { key: crypto.randomUUID(), code: '', name: '', limits: [], features: [], stored: false }
}

export function newOption(): OptionDraft {
  return { code: '', kind: 'choice', name: '', description: '', required: false, minimum: '1', maximum: '10', values: [newValue()] }
}

export function draftOf(option: Option): OptionDraft {
  const offered = option.values.filter((value) => value.state === 'on_sale')
  return {
    code: option.code,
    kind: option.kind,
    name: option.name,
    description: option.description,
    required: option.required,
    minimum: String(option.minimum),
    maximum: String(option.maximum),
    values: offered.map(({ code, name, limits, features }) => ({ key: code, code, name, limits: limitRows(limits), features, stored: true })),
  }
}

export function bodyOf(draft: OptionDraft, sheet: Sheet): Omit<Schemas['NewOption'], 'code' | 'kind'> {
  const { name, description, required } = draft
  const values = draft.values.map((value) => ({
    code: value.code.trim(),
    name: value.name,
    limits: limitsOf(value.limits, sheet),
    features: value.features,
  }))
  if (draft.kind === 'choice') return { name, description, required, values }
  return { name, description, required, values, minimum: sheet.whole('minimum', draft.minimum), maximum: sheet.whole('maximum', draft.maximum) }
}
