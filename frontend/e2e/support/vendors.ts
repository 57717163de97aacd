import { expect } from '@playwright/test'
import { system } from './system'

export interface Mail {
  id: number
  subject: string
  to: string[]
  text: string
  links: string[]
}

async function json<T>(url: string, method = 'GET', body?: unknown): Promise<T> {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as T
}

export const mailbox = {
  mails: (to: string) => json<Mail[]>(`${system().mailbox}/api/mails?to=${encodeURIComponent(to)}`),

  /** Waits for a mail to this address that fits; of several, the newest. */
  async mail(to: string, fits: (mail: Mail) => boolean, what: string): Promise<Mail> {
    let found: Mail | undefined
    const look = async () => {
      found = (await mailbox.mails(to)).find(fits)
      return Boolean(found)
    }
    await expect.poll(look, { message: `a mail to ${to}: ${what}` }).toBe(true)
    return found as Mail
  },

  /** Waits for a link whose address has this part. */
  async link(to: string, part: string): Promise<string> {
    const linked = (mail: Mail) => mail.links.find((each) => each.includes(part))
    return linked(await mailbox.mail(to, (mail) => Boolean(linked(mail)), `with a link to …${part}…`)) ?? ''
  },
}

interface Charge {
  captured: number
  refunded: number
  metadata: { customer_id?: string }
}

/** What the gateway has really charged a customer, by its own records. */
export async function charges(customerId: string): Promise<Charge[]> {
  const { payments } = await json<{ payments: Charge[] }>(`${system().stripe}/_sim/stripe/summary`)
  return payments.filter((each) => each.metadata.customer_id === customerId)
}

/** How the registrar sees a name: how many registrations were charged for it. */
export async function registrations(name: string): Promise<number> {
  const found = await json<{ name: string; live: boolean; registrations: number }[]>(`${system().resellerclub}/_sim/resellerclub/domains`)
  return found.filter((each) => each.name === name && each.live).reduce((sum, each) => sum + each.registrations, 0)
}

/** How many accounts the panels have for a domain. */
export async function accounts(domain: string): Promise<number> {
  const lists = await Promise.all(Object.values(system().panels).map((url) => json<Record<string, unknown>[]>(`${url}/_sim/nextpanel/accounts`)))
  return lists.flat().filter((account) => JSON.stringify(account).includes(domain)).length
}

/** The bank of a card says no to its next charge. */
export async function bankRefuses(number: string, code: string): Promise<void> {
  await json(`${system().stripe}/_sim/stripe/issuers`, 'POST', { number, code, reason: code, times: 1 })
}

/** The registers of one member state do not answer, or do again. */
export async function viesDown(member: string, down: boolean): Promise<void> {
  await json(`${system().vies}/_sim/vies/down`, 'POST', { member, down })
}

/** Both panels refuse our key: whatever is ordered meanwhile is parked at once. */
export async function panelsRefuse(refuse: boolean): Promise<void> {
  const rule = { effect: 'error_before', pattern: 'POST /api/v1/billing/accounts', status: 401, times: -1 }
  await Promise.all(Object.values(system().panels).map((url) => json(`${url}/_sim/faults`, refuse ? 'POST' : 'DELETE', refuse ? rule : undefined)))
}
