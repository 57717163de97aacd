import { readFileSync } from 'node:fs'
import { startSystem } from './system'

/** Starts the system; what it returns stops it. With NEXTBILL_E2E_RUNNING, the file of a system that runs already, that one is used and left running. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  const running = process.env.NEXTBILL_E2E_RUNNING
  if (running) {
    process.env.NEXTBILL_E2E_SYSTEM = readFileSync(running, 'utf8')
    return async () => undefined
  }
  const { system, stop } = await startSystem()
  process.env.NEXTBILL_E2E_SYSTEM = JSON.stringify(system)
  return stop
}
