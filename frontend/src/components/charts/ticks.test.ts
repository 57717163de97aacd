import { expect, test } from 'vitest'
import { ticksTo } from './ticks'

test('an axis has round whole numbers that reach its highest value', () => {
  expect(ticksTo(1)).toEqual([0, 1])
  expect(ticksTo(3)).toEqual([0, 1, 2, 3])
  expect(ticksTo(11)).toEqual([0, 5, 10, 15])
  expect(ticksTo(50)).toEqual([0, 20, 40, 60])
  expect(ticksTo(1234)).toEqual([0, 500, 1000, 1500])
})
