import { expect, test } from 'vitest'
import type { HostingItem } from '.'
import { chooseAddon, chooseOption } from './choosing'

const item: HostingItem = { kind: 'hosting', plan: 'professional', domain: { kind: 'own', name: 'example.com' } }

test('an add-on stands once in the item, and none of it is no entry', () => {
  const two = chooseAddon(chooseAddon(item, 'backups', 1), 'backups', 2)
  expect([two.addons, chooseAddon(two, 'backups', 0).addons]).toEqual([[{ code: 'backups', quantity: 2 }], []])
})

test('an option without a value or a piece is not sent', () => {
  const chosen = chooseOption(chooseOption(item, { code: 'workers', value: 'two' }), { code: 'disk', quantity: 3 })
  expect(chosen.options).toHaveLength(2)
  expect(chooseOption(chooseOption(chosen, { code: 'workers', value: null }), { code: 'disk', quantity: 0 }).options).toEqual([])
})
