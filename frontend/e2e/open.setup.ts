import { tellScene } from './support/scene'
import { expect, test as setup } from './support/test'

setup('the front page opens', async ({ page }) => {
  await page.goto('/')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
})

setup('customers have bought, staff has something to do', async ({ playwright, baseURL }) => {
  await tellScene(() => playwright.request.newContext({ baseURL }))
})
