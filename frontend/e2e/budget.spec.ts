import { gzipSync } from 'node:zlib'
import { type Place, placeNamed, placeNames } from './support/scene'
import { cookiesOf } from './support/sessions'
import { expect, test } from './support/test'

const KILOBYTE = 1024
const LIMITS = { nobody: 210, customer: 290, staff: 290 }
const SCRIPT = /<script\b[^>]*\bsrc="([^"]+)"[^>]*>/g

/** What a page makes a browser load at first: the scripts that its HTML names, gzipped, in kilobytes. What comes upon use is not among them. */
async function firstLoad(place: Place, read: (path: string) => Promise<Buffer>): Promise<number> {
  const html = (await read(place.path)).toString()
  const named = [...html.matchAll(SCRIPT)].filter(([tag]) => !/\bnomodule\b/i.test(tag)).map(([, source]) => source ?? '')
  expect(named.length, `scripts of ${place.name}`).toBeGreaterThan(0)
  const sizes = await Promise.all([...new Set(named)].map(async (source) => gzipSync(await read(source)).length))
  return sizes.reduce((sum, size) => sum + size, 0) / KILOBYTE
}

for (const as of ['nobody', 'customer', 'staff'] as const) {
  test(`JavaScript at first load is at most ${LIMITS[as]} KB gzipped for ${as}`, async ({ playwright, baseURL }, info) => {
    const client = await playwright.request.newContext({ baseURL, storageState: { cookies: await cookiesOf(as), origins: [] } })
    const read = async (path: string) => (await client.get(path)).body()
    const sizes: [string, number][] = []
    for (const { name } of placeNames().filter((place) => place.as === as)) sizes.push([name, await firstLoad(placeNamed(name), read)])
    sizes.sort((one, other) => other[1] - one[1])
    info.annotations.push({ type: 'figures', description: sizes.map(([name, size]) => `${name} ${size.toFixed(0)}`).join(', ') })
    expect(sizes.filter(([, size]) => size > LIMITS[as])).toEqual([])
    await client.dispose()
  })
}
