import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

/** The root of the repository; the tests are always started from frontend/. */
export const ROOT = resolve(process.cwd(), '..')
export const RESULTS = resolve(process.cwd(), 'e2e/.results')
const LAUNCHER_LOG = join(RESULTS, 'launcher.log')

export interface System {
  portal: string
  api: string
  mailbox: string
  stripe: string
  resellerclub: string
  vies: string
  panels: Record<string, string>
  logins: { role: string; email: string; password: string }[]
  /** Of its processes. */
  pids: Record<string, number>
  data: string
}

/** The system under test, as global setup told it. */
export function system(): System {
  return JSON.parse(process.env.NEXTBILL_E2E_SYSTEM ?? 'null') as System
}

/** Starts the product with its simulated vendors by its own launcher, which builds the portal where its sources have changed. It ends with us, however we end. */
export async function startSystem(): Promise<{ system: System; stop: () => Promise<void> }> {
  const data = mkdtempSync(join(tmpdir(), 'nextbill-e2e-'))
  mkdirSync(RESULTS, { recursive: true })
  const child = spawn('./nextbill', ['up', '--data', data, '--ports', 'auto', '--json', '--until-stdin-closes'], {
    cwd: ROOT,
    // All customers of these tests come from one address, which no shop sees: the limit for an address is not what is tested here. Customers may pause.
    env: { ...process.env, RATE_LIMIT_PER_MINUTE: '100000', CUSTOMER_PAUSE_DAYS_MAX: '30' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stderr?.pipe(createWriteStream(LAUNCHER_LOG))
  const stop = async () => {
    child.stdin?.end()
    await ended(child)
    cpSync(join(data, 'logs'), join(RESULTS, 'logs'), { recursive: true, force: true })
    rmSync(data, { recursive: true, force: true })
  }
  const told = JSON.parse(await firstLine(child)) as System
  if (told.portal) return { system: told, stop }
  await stop()
  throw new Error(`The portal is not served:\n${readFileSync(LAUNCHER_LOG, 'utf8')}`)
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((found, failed) => {
    if (!child.stdout) throw new Error('no standard output')
    createInterface({ input: child.stdout }).once('line', found)
    child.once('exit', (status) => failed(new Error(`The launcher ended with status ${status}:\n${readFileSync(LAUNCHER_LOG, 'utf8')}`)))
  })
}

function ended(child: ChildProcess): Promise<void> {
  return child.exitCode === null ? new Promise((over) => child.once('exit', () => over())) : Promise.resolve()
}
