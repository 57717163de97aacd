import { expect, test } from 'vitest'
import { changesOf, choiceOf, featureChoiceOf, featuresOf } from './overrides'
import type { StaffLicense, StaffQuota } from './queries'

function quota(resource: string, limit: number | null, planLimit: number | null, overridden = false): StaffQuota {
  return { resource, limit, plan_limit: planLimit, overridden, used: 0, reserved: 0, remaining: null, percent: null, over_limit: false }
}

const license = {
  quotas: [quota('databases', 50, 50), quota('emails', 200, 100, true), quota('domains', null, 5, true)],
  features: ['free_ssl', 'ssh'],
  plan_features: ['free_ssl', 'daily_backups'],
} as unknown as StaffLicense

test('what holds now is what the editor begins with', () => {
  expect(license.quotas.map(choiceOf)).toEqual([
    { kind: 'plan', typed: '' },
    { kind: 'own', typed: '200' },
    { kind: 'none', typed: '' },
  ])
  expect(['free_ssl', 'ssh', 'daily_backups', 'staging'].map((feature) => featureChoiceOf(license, feature))).toEqual(['plan', 'yes', 'no', 'plan'])
  expect(featuresOf(license, ['staging', 'ssh'])).toEqual(['daily_backups', 'free_ssl', 'ssh', 'staging'])
})

test('only what was changed is sent', () => {
  expect(changesOf(license, {}, {})).toEqual({ limits: {}, features: {} })
  expect(changesOf(license, { emails: { kind: 'own', typed: ' 200 ' } }, { ssh: 'yes' })).toEqual({ limits: {}, features: {} })
})

test('a number, no limit, and the plan’s own given back', () => {
  const limits = { databases: { kind: 'own', typed: '75' }, emails: { kind: 'plan', typed: '' }, domains: { kind: 'own', typed: '0' } } as const
  expect(changesOf(license, limits, { ssh: 'plan', staging: 'yes', free_ssl: 'no' })).toEqual({
    limits: { databases: 75, emails: 'plan', domains: 0 },
    features: { ssh: 'plan', staging: true, free_ssl: false },
  })
})

test('nothing typed is not zero', () => {
  expect(changesOf(license, { databases: { kind: 'own', typed: '' } }, {}).limits).toEqual({ databases: Number.NaN })
})
