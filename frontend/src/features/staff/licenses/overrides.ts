import type { Overrides, StaffLicense, StaffQuota } from './queries'

/** What is chosen for one resource: the plan's limit, none, or a number as it was typed. */
export interface LimitChoice {
  kind: 'plan' | 'own' | 'none'
  typed: string
}

export type FeatureChoice = 'plan' | 'yes' | 'no'

export function choiceOf(quota: StaffQuota): LimitChoice {
  if (!quota.overridden) return { kind: 'plan', typed: '' }
  return quota.limit === null ? { kind: 'none', typed: '' } : { kind: 'own', typed: String(quota.limit) }
}

export function featureChoiceOf(license: Pick<StaffLicense, 'features' | 'plan_features'>, feature: string): FeatureChoice {
  const has = license.features.includes(feature)
  if (has === license.plan_features.includes(feature)) return 'plan'
  return has ? 'yes' : 'no'
}

/** Every feature that the plan or the license names, and those that the shop sells elsewhere. */
export function featuresOf(license: Pick<StaffLicense, 'features' | 'plan_features'>, sold: readonly string[]): string[] {
  return [...new Set([...license.plan_features, ...license.features, ...sold])].sort()
}

function sent(choice: LimitChoice): number | null | 'plan' {
  if (choice.kind === 'plan') return 'plan'
  // What was typed goes to the API as it is where it is no number: it says what is wrong with it.
  return choice.kind === 'none' ? null : Number(choice.typed.trim() || Number.NaN)
}

/** Only what differs from what holds now. A limit that is no number stands as NaN, for the form to tell. */
export function changesOf(license: StaffLicense, limits: Record<string, LimitChoice>, features: Record<string, FeatureChoice>): Overrides {
  const changes: Overrides = { limits: {}, features: {} }
  for (const quota of license.quotas) {
    const [before, after] = [sent(choiceOf(quota)), sent(limits[quota.resource] ?? choiceOf(quota))]
    if (before !== after) changes.limits[quota.resource] = after
  }
  for (const [feature, choice] of Object.entries(features)) {
    if (choice === featureChoiceOf(license, feature)) continue
    changes.features[feature] = choice === 'plan' ? 'plan' : choice === 'yes'
  }
  return changes
}
