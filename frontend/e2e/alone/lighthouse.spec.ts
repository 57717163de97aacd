import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium as driver } from '@playwright/test'
import lighthouse from 'lighthouse'
import { chromium } from '../support/browser'
import { placeNamed } from '../support/scene'
import { cookiesOf } from '../support/sessions'
import { system } from '../support/system'
import { expect, test } from '../support/test'

const PAGES = ['landing', 'pricing', 'login', 'dashboard']
const LEAST = 95

function freePort(): Promise<number> {
  return new Promise((found) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => found(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

for (const name of PAGES) {
  test(`Lighthouse: ${name}`, async ({ baseURL }, info) => {
    const [port, profile] = [await freePort(), mkdtempSync(join(tmpdir(), 'nextbill-lighthouse-'))]
    const { executablePath, args } = chromium()
    const browser = await driver.launchPersistentContext(profile, { executablePath, args: [...args, `--remote-debugging-port=${port}`] })
    try {
      const { path, as } = placeNamed(name)
      await browser.addCookies(await cookiesOf(as))
      const asked = ['accessibility', 'best-practices', ...(as === 'nobody' ? ['seo'] : [])]
      const flags = { port, disableStorageReset: true, logLevel: 'error' as const, onlyCategories: ['performance', ...asked] }
      const found = (await lighthouse(`${baseURL ?? system().portal}${path}`, flags))?.lhr
      const scores = Object.fromEntries(Object.values(found?.categories ?? {}).map(({ id, score }) => [id, Math.round((score ?? 0) * 100)]))
      const bad = Object.values(found?.categories ?? {}).flatMap(({ id, auditRefs }) =>
        auditRefs.filter((each) => each.weight > 0 && (found?.audits[each.id]?.score ?? 1) < 1).map((each) => `${id}: ${each.id}`),
      )
      info.annotations.push({ type: 'figures', description: `${name}: ${JSON.stringify(scores)}` })
      const low = asked.filter((category) => !((scores[category] ?? 0) >= LEAST))
      expect(low, `scores ${JSON.stringify(scores)}; ${bad.filter((each) => !each.startsWith('performance')).join(', ')}`).toEqual([])
    } finally {
      await browser.close()
      rmSync(profile, { recursive: true, force: true })
    }
  })
}
