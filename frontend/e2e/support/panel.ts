import { randomUUID } from 'node:crypto'
import { expect, request } from '@playwright/test'
import { Shop } from './shop'
import { system } from './system'

/** What a control panel asks and reports, by its own key and without the portal. */

export interface Verdict {
  valid: boolean
  reason?: string
  remaining_quota: number | null
}

export interface Counted {
  used: number
  over_limit: boolean
  applied: boolean
}

interface PanelKey {
  key_id: string
  secret: string
}

let made: Promise<PanelKey> | undefined

/** A key that may do all that panels do, on any server; one for each worker of the tests. */
async function makeKey(): Promise<PanelKey> {
  const client = await request.newContext({ baseURL: system().portal })
  const shop = new Shop(client)
  await shop.staff()
  const permissions = ['validate', 'usage', 'reservations', 'leases']
  const key = await shop.call<PanelKey>('POST', '/admin/panel-keys', { name: 'browser tests', permissions, server_id: null, addresses: [] })
  await client.dispose()
  return key
}

async function ask<T>(path: string, body: unknown): Promise<T> {
  made ??= makeKey()
  const { key_id, secret } = await made
  const headers = { 'content-type': 'application/json', 'X-API-Key': key_id, 'X-API-Secret': secret }
  const answer = await fetch(`${system().api}/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  const text = await answer.text()
  expect(answer.ok, `POST ${path}: ${answer.status} ${text}`).toBe(true)
  return JSON.parse(text) as T
}

export const panel = {
  validate: (licenseKey: string, feature?: string) => ask<Verdict>('/licenses/validate', { license_key: licenseKey, feature }),

  report: (licenseKey: string, resource: string, action: 'created' | 'deleted' | 'set', count: number) =>
    ask<Counted>('/usage/update', { license_key: licenseKey, resource, action, count, event_id: randomUUID() }),

  reserve: (licenseKey: string, resource: string, quantity: number) =>
    ask<{ id: string; status: string }>('/licenses/reservations', {
      license_key: licenseKey,
      resource,
      quantity,
      ttl_seconds: 3600,
      external_id: randomUUID(),
    }),
}
