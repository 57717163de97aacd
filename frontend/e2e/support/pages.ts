import { expect, type Locator, type Page } from '@playwright/test'
import { ADDRESS, CARDS, type Person } from './shop'

/** The customers' pages as a person uses them. */

/** A field by the beginning of its label; where a tab hides another form, the one in sight. */
export function field(page: Page, label: RegExp): Locator {
  return page.getByLabel(label).filter({ visible: true })
}

export async function choosePlan(page: Page, plan = 'Professional'): Promise<void> {
  await page.goto('/pricing')
  await page.getByRole('button', { name: `Choose ${plan}` }).click()
  await expect(page).toHaveURL('/cart')
}

export async function fillCart(page: Page, name: string): Promise<void> {
  await choosePlan(page)
  await page.getByLabel('New domain name').fill(name)
  await expect(page.getByText(`${name} is free.`)).toBeVisible()
}

export async function toCheckout(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Go to checkout' }).click()
  await expect(page).toHaveURL('/checkout')
}

export async function register(page: Page, person: Person): Promise<void> {
  await field(page, /^Name/).fill(person.name)
  await field(page, /^E-mail address/).fill(person.email)
  await field(page, /^Password/).fill(person.password)
  await page.getByRole('button', { name: 'Create account' }).click()
}

export async function logIn(page: Page, person: Person): Promise<void> {
  await field(page, /^E-mail address/).fill(person.email)
  await field(page, /^Password/).fill(person.password)
  await page.getByRole('button', { name: 'Log in' }).click()
}

export async function chooseCountry(page: Page, country: string): Promise<void> {
  await page.getByRole('combobox', { name: 'Country' }).fill(country)
  await page.getByRole('option', { name: country, exact: true }).click()
}

export async function fillDetails(page: Page): Promise<void> {
  await field(page, /^Phone/).fill('+12175550123')
  await chooseCountry(page, 'United States')
  await field(page, /^Street and number/).fill(ADDRESS.line_1)
  await field(page, /^Postal code/).fill(ADDRESS.postal_code)
  await field(page, /^City/).fill(ADDRESS.city)
  await field(page, /^State/).fill(ADDRESS.state)
}

export function obligingButton(page: Page): Locator {
  return page.getByRole('button', { name: /^Order and pay \$/ })
}

export async function consent(page: Page): Promise<void> {
  await page.getByRole('checkbox', { name: /I accept the terms/ }).check()
  await page.getByRole('checkbox', { name: /start at once/ }).check()
}

/** On the payment provider's page. */
export async function payBy(page: Page, card: string): Promise<void> {
  await page.getByLabel('Card number').fill(card)
  await page.getByLabel('Expires (MM/YY)').fill('12/34')
  await page.getByLabel('CVC').fill('123')
  await page.locator('button[value=pay]').click()
}

export async function orderAndPay(page: Page, card = CARDS.fine): Promise<void> {
  await consent(page)
  await obligingButton(page).click()
  await expect(page).toHaveURL(/\/c\/pay\//)
  await payBy(page, card)
}

export function orderIn(page: Page): string {
  return new URL(page.url()).pathname.split('/').at(-1) ?? ''
}

export function course(page: Page): Locator {
  return page.getByRole('list', { name: 'Progress of the order' }).getByRole('listitem')
}

/** Each of the order's steps has come, seen without touching the page. */
export async function expectArrived(page: Page, steps = ['Paid', 'License', 'Domain', 'Account', 'Mail']): Promise<void> {
  for (const step of steps) await expect(course(page).filter({ hasText: step }).first()).toHaveAttribute('data-state', 'done', { timeout: 60_000 })
  await expect(course(page)).toHaveCount(steps.length)
  await expect(page.getByText('Everything is delivered.')).toBeVisible()
}
