import { expect, it } from 'vitest'
import { stoppedFor } from './run-parts'

it('tells who stopped a run with which words, and the product’s own where it was nobody', () => {
  const login = 'staff:01a201f0-3488-7726-8af8-dc86afcb27ed'
  expect(stoppedFor({ stopped_because: `${login}: The price is: wrong` })).toEqual({ actor: login, reason: 'The price is: wrong' })
  expect(stoppedFor({ stopped_because: 'The limit of lines is reached.' })).toEqual({ reason: 'The limit of lines is reached.' })
  expect(stoppedFor({ stopped_because: null })).toBeNull()
})
