import { type Cookie, request } from '@playwright/test'
import { scene, type Who } from './scene'
import { Shop } from './shop'
import { system } from './system'

const FRESH_MILLISECONDS = 300_000
const kept = new Map<Who, { since: number; cookies: Cookie[] }>()

/** The cookies of somebody of the scene, logged in by this worker, and again before the access runs out. */
export async function cookiesOf(who: Who): Promise<Cookie[]> {
  const known = kept.get(who)
  if (known && Date.now() - known.since < FRESH_MILLISECONDS) return known.cookies
  const since = Date.now()
  const client = await request.newContext({ baseURL: system().portal })
  const shop = new Shop(client)
  if (who === 'customer') await shop.login(scene().person)
  if (who === 'staff') await shop.staff()
  const { cookies } = await client.storageState()
  await client.dispose()
  kept.set(who, { since, cookies })
  return cookies
}
