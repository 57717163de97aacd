import { describe, expect, it } from 'vitest'
import { findRow, readEvery } from './pages'

const PAGES: Record<string, { items: number[]; next_cursor?: string | null }> = {
  first: { items: [1, 2], next_cursor: 'b' },
  b: { items: [3], next_cursor: 'c' },
  c: { items: [4], next_cursor: null },
}

function source() {
  const asked: string[] = []
  const load = async (cursor: string | undefined) => {
    asked.push(cursor ?? 'first')
    return PAGES[cursor ?? 'first'] ?? { items: [] }
  }
  return { asked, load }
}

describe('pages', () => {
  it('are read to the end', async () => {
    expect(await readEvery(source().load)).toEqual([1, 2, 3, 4])
  })

  it('are read no further than to the row that was looked for', async () => {
    const { asked, load } = source()
    expect(await findRow(load, (row) => row === 3)).toBe(3)
    expect(asked).toEqual(['first', 'b'])
    expect(await findRow(source().load, (row) => row === 9)).toBeNull()
  })
})
