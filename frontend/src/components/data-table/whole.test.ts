import { expect, test } from 'vitest'
import { readAll } from './whole'

function shop(size: number) {
  const asked: (string | undefined)[] = []
  const load = async (cursor: string | undefined, limit: number) => {
    asked.push(cursor)
    const from = Number(cursor ?? 0)
    const items = Array.from({ length: Math.min(limit, size - from) }, (_, at) => from + at)
    const next = from + items.length
    return { items, next_cursor: next < size ? String(next) : null }
  }
  return { asked, load }
}

test('reads page after page until there is no more', async () => {
  const { asked, load } = shop(450)
  const { rows, whole } = await readAll(load, 1000)
  expect(rows).toHaveLength(450)
  expect(rows.at(-1)).toBe(449)
  expect(whole).toBe(true)
  expect(asked).toEqual([undefined, '200', '400'])
})

test('stops at the cap and says that it did', async () => {
  const { asked, load } = shop(5000)
  const { rows, whole } = await readAll(load, 500)
  expect(rows).toHaveLength(500)
  expect(whole).toBe(false)
  expect(asked).toHaveLength(3)
})

test('exactly the cap is the whole', async () => {
  const { rows, whole } = await readAll(shop(400).load, 400)
  expect(rows).toHaveLength(400)
  expect(whole).toBe(true)
})
