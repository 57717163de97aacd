import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { field, fillCart, obligingButton, toCheckout } from './support/pages'
import { placeNamed, placeNames } from './support/scene'
import { cookiesOf } from './support/sessions'
import { newName } from './support/shop'
import { expect, settled, test } from './support/test'

// What a page shows and asks is told by the failure itself.
test.use({ trace: 'off' })

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const OF_COLORS = ['color-contrast', 'link-in-text-block']

/** No violation, in light and in dark; what does not depend on colors is the same in both, and asked once. */
async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme)
    const axe = new AxeBuilder({ page })
    const { violations } = await (colorScheme === 'light' ? axe.withTags(RULES) : axe.withRules(OF_COLORS)).analyze()
    const told = violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 200)} ${node.failureSummary}`))
    expect(told, `${page.url()} in ${colorScheme}`).toEqual([])
  }
}

for (const { name, as } of placeNames()) {
  test(`accessible: ${name} (${as})`, async ({ visit }) => {
    await expectAccessible(await visit(placeNamed(name)))
  })
}

test.describe('accessible with faults and open menus', () => {
  test('registration and login refused', async ({ page }) => {
    await page.goto('/register')
    await field(page, /^Password/).fill('short')
    await page.getByRole('button', { name: 'Create account' }).click()
    await expect(page.locator('[aria-invalid=true]').first()).toBeVisible()
    await expectAccessible(page)
    await page.goto('/login')
    await field(page, /^E-mail address/).fill('nobody@example.com')
    await field(page, /^Password/).fill('not the password')
    await page.getByRole('button', { name: 'Log in' }).click()
    await expect(page.getByRole('main').getByRole('alert')).toBeVisible()
    await expectAccessible(page)
  })

  test('cart, checkout and its missing consents', async ({ page, shop }) => {
    await shop.customer()
    await fillCart(page, newName())
    await settled(page)
    await expectAccessible(page)
    await toCheckout(page)
    await obligingButton(page).click()
    await expect(page.getByText('Please accept the terms to order.')).toBeVisible()
    await expectAccessible(page)
  })

  test('checkout of a newcomer, and the form of an address with faults', async ({ page, shop }) => {
    await fillCart(page, newName())
    await toCheckout(page)
    await settled(page)
    await expectAccessible(page)
    await shop.customer({ complete: false })
    await page.goto('/settings/profile')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await expect(page.locator('[aria-invalid=true]').first()).toBeVisible()
    await expectAccessible(page)
  })

  test('a refused name with a bad one picked, and the question before cancelling', async ({ visit }) => {
    const page = await visit(placeNamed('order-refused'))
    await page.getByLabel('Another name').fill('nonsense')
    await page.getByRole('button', { name: 'Register nonsense' }).click()
    await expect(page.locator('[aria-invalid=true]').first()).toBeVisible()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Cancel this item' }).first().click()
    await expect(page.getByRole('dialog')).toBeVisible()
    await expectAccessible(page)
  })

  test('staff: a dialog without its reason, and a server that can’t be added', async ({ visit }) => {
    const page = await visit(placeNamed('admin-order-parked'))
    await page.getByRole('button', { name: 'Retry' }).first().click()
    await page.getByRole('dialog').getByRole('button', { name: 'Retry' }).click()
    await expect(page.getByRole('dialog').locator('[aria-invalid=true]')).toBeVisible()
    await expectAccessible(page)
    await page.goto('/admin/servers')
    await page.getByRole('button', { name: 'Add a server' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Add and test' }).click()
    await expect(page.getByRole('dialog').locator('[aria-invalid=true]').first()).toBeVisible()
    await expectAccessible(page)
  })

  test('a new license key, and the limits of a license with a fault', async ({ visit }) => {
    const page = await visit(placeNamed('license'))
    await page.getByRole('button', { name: 'Make a new key' }).click()
    await expect(page.getByRole('dialog')).toBeVisible()
    await expectAccessible(page)
    await page.context().clearCookies()
    await visit(placeNamed('admin-license'))
    await page.getByRole('button', { name: 'Change limits and features' }).click()
    await page.getByLabel('Limit of Databases').selectOption('own')
    await page.getByLabel('Number of Databases').fill('')
    await page.getByRole('dialog').getByRole('button', { name: 'Save the limits' }).click()
    await expect(page.getByRole('dialog').locator('[aria-invalid=true]').first()).toBeVisible()
    await expectAccessible(page)
  })

  test('a phone, its menus open', async ({ page, context }) => {
    await page.setViewportSize({ width: 390, height: 844 })
    await page.goto('/')
    await page.getByRole('button', { name: 'Menu' }).click()
    await expect(page.getByRole('dialog')).toBeVisible()
    await expectAccessible(page)
    await context.addCookies(await cookiesOf('customer'))
    await page.goto('/dashboard')
    await settled(page)
    await page.getByRole('button', { name: 'Menu' }).click()
    await expect(page.getByRole('link', { name: 'Invoices' })).toBeVisible()
    await expectAccessible(page)
  })
})

for (const who of ['nobody', 'customer', 'staff'] as const) {
  test(`nothing is wider than a narrow phone (${who})`, async ({ page, context }) => {
    test.setTimeout(400_000)
    await page.setViewportSize({ width: 360, height: 780 })
    await context.addCookies(await cookiesOf(who))
    const wide: string[] = []
    for (const { name } of placeNames().filter(({ as }) => as === who)) {
      await page.goto(placeNamed(name).path)
      await settled(page)
      const width = await page.evaluate(() => document.documentElement.scrollWidth)
      if (width > 360) wide.push(`${name}: ${width}`)
    }
    expect(wide, 'pages wider than 360 px').toEqual([])
  })
}

test('the purchase by keyboard alone', async ({ page }) => {
  await page.goto('/pricing')
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused()
  await page.keyboard.press('Enter')
  const choose = page.getByRole('button', { name: 'Choose Professional' })
  for (let round = 0; round < 20 && !(await choose.evaluate((button) => button === document.activeElement)); round += 1)
    await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL('/cart')
})
