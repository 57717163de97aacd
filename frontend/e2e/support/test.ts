import { test as base, expect, type Page } from '@playwright/test'
import type { Place } from './scene'
import { cookiesOf } from './sessions'
import { Shop } from './shop'
import { system } from './system'

interface Fixtures {
  shop: Shop
  watch: undefined
  /** Opens a page as whom it is for, and waits until it has what it shows. */
  visit: (place: Place) => Promise<Page>
}

/** Every test looks over the shoulder of its pages: an error that no code caught, or something the content security policy stopped, fails it. */
export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from the pattern
  baseURL: async ({}, use) => use(system().portal),
  shop: async ({ page }, use) => use(new Shop(page.request)),
  visit: async ({ page, context }, use) =>
    use(async ({ path, as }) => {
      await context.addCookies(await cookiesOf(as))
      await page.goto(path)
      await settled(page)
      return page
    }),
  watch: [
    async ({ context }, use) => {
      const faults: string[] = []
      context.on('weberror', (error) => faults.push(String(error.error().stack ?? error.error())))
      context.on('console', (message) => {
        if (/content security policy/i.test(message.text())) faults.push(`${message.page()?.url()}: ${message.text()}`)
      })
      await use(undefined)
      expect(faults, 'errors in the pages').toEqual([])
    },
    { auto: true },
  ],
})

/** Nothing is loading any more: no skeleton, no spinner but those of steps under way, and no request. */
export async function settled(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible()
  await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0)
  await page.waitForLoadState('networkidle')
}

export { expect }
