import { defineConfig, devices } from '@playwright/test'
import { chromium } from './e2e/support/browser'

// One system for the whole run. What lames a vendor comes first, then everything that may run side by side, with customers of its own.
// What measures runs alone afterwards: as the teardown of the first project, for a teardown also runs when a test before it has failed.
const WORKERS = 2
const screenshots = process.env.NEXTBILL_SCREENSHOTS === '1'
const SETUP = /open\.setup\.ts/
const ALONE = /alone\/.*\.spec\.ts/

const projects = [
  { name: 'open', testMatch: SETUP, teardown: 'alone' },
  { name: 'portal', testMatch: /.*\.spec\.ts/, testIgnore: ALONE, dependencies: ['open'] },
  { name: 'alone', testMatch: ALONE, workers: 1 },
]

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'e2e/.results/tests',
  globalSetup: './e2e/support/global-setup.ts',
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  // A browser on a machine that stalls for seconds may miss its moment: again then, told aloud, and no more than a few (reporter.ts).
  retries: 2,
  workers: WORKERS,
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: [['./e2e/support/reporter.ts']],
  use: {
    ...devices['Desktop Chrome'],
    channel: undefined,
    launchOptions: chromium(),
    viewport: { width: 1440, height: 900 },
    locale: 'en-US',
    contextOptions: { reducedMotion: 'reduce' },
    timezoneId: 'Europe/Berlin',
    actionTimeout: 30_000,
    navigationTimeout: 60_000,
    trace: screenshots ? 'off' : 'retain-on-failure',
    screenshot: screenshots ? 'off' : 'only-on-failure',
  },
  projects: screenshots
    ? [
        { name: 'open', testMatch: SETUP },
        { name: 'screenshots', testMatch: /screenshots\.ts/, dependencies: ['open'] },
      ]
    : projects,
})
