import { headers } from 'next/headers'

/** The portal's own address: as set, else as it was asked for. */
export async function siteOrigin(): Promise<string> {
  const set = process.env.PORTAL_URL
  if (set) return set.replace(/\/$/, '')
  const given = await headers()
  return `${given.get('x-forwarded-proto') ?? 'http'}://${given.get('host') ?? 'localhost:3001'}`
}
