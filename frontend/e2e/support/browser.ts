import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

/** The path of the Chromium to drive: what CHROMIUM says, else the first on the PATH. */
export function chromiumPath(): string | null {
  if (process.env.CHROMIUM) return process.env.CHROMIUM
  const folders = (process.env.PATH ?? '').split(delimiter)
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(executable) ?? null
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export function chromium(): { executablePath: string; args: string[] } {
  const executablePath = chromiumPath()
  if (!executablePath) throw new Error('There is no Chromium: set CHROMIUM, or apt-get install chromium')
  // A sandbox of its own is refused to root; a container's shared memory is often too small.
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return { executablePath, args: [...root, '--disable-dev-shm-usage'] }
}
