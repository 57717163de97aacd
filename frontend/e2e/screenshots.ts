import { resolve } from 'node:path'
import { fillCart, toCheckout } from './support/pages'
import { placeNamed, placeNames } from './support/scene'
import { newName } from './support/shop'
import { settled, test } from './support/test'

// make screenshots: every page in two widths and two schemes, into the ignored folder screenshots/. SCREENSHOTS_LOCALE=de-DE for German.
const FOLDER = resolve(process.cwd(), 'screenshots')
const WIDTHS = { 1440: 900, 390: 844 }
const locale = process.env.SCREENSHOTS_LOCALE ?? 'en-US'

test.use({ locale })

type Page = Parameters<typeof settled>[0]

async function take(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const [width, height] of Object.entries(WIDTHS)) {
      await page.setViewportSize({ width: Number(width), height })
      await settled(page)
      // The whole page as one tall window: what is fixed to the window's edges stays there.
      const tall = await page.evaluate(() => document.documentElement.scrollHeight)
      await page.setViewportSize({ width: Number(width), height: Math.max(height, tall) })
      const file = [name, width, colorScheme, ...(locale === 'en-US' ? [] : [locale.slice(0, 2)])].join('-')
      await page.screenshot({ path: `${FOLDER}/${file}.png`, animations: 'disabled' })
    }
  }
}

for (const { name } of placeNames()) {
  test(name, async ({ visit }) => take(await visit(placeNamed(name)), name))
}

test('cart and checkout', async ({ page, shop }) => {
  test.skip(!locale.startsWith('en'), 'told in English')
  await fillCart(page, newName('bluebird-bakery'))
  await take(page, 'cart')
  await toCheckout(page)
  await take(page, 'checkout-newcomer')
  await shop.customer()
  await page.reload()
  await take(page, 'checkout')
})
