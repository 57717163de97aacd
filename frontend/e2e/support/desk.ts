import { randomBytes } from 'node:crypto'
import { expect, request } from '@playwright/test'
import type { components } from '../../src/api/schema'
import { Shop } from './shop'
import { system } from './system'

type Invoice = components['schemas']['InvoiceBody']
export type Subscription = components['schemas']['SubscriptionDetailBody']
type Explanation = components['schemas']['ExplanationBody']
export type Run = components['schemas']['RunBody']

/** What staff does in the background of a customer's story, by the API. */
export class Desk {
  private constructor(private readonly shop: Shop) {}

  static async open(): Promise<Desk> {
    const shop = new Shop(await request.newContext({ baseURL: system().portal }))
    await shop.staff()
    return new Desk(shop)
  }

  async close(): Promise<void> {
    await this.shop.request.dispose()
  }

  /** A plan of its own kind, so that nobody else's story changes. Answers its name and code. */
  async plan(trial_days: number, amount: number): Promise<{ id: string; code: string; name: string }> {
    const code = `trial-${randomBytes(4).toString('hex')}`
    const name = `Trial ${code.slice(-4)}`
    const limits = { accounts: 1 }
    const made = await this.shop.call<{ id: string }>('POST', '/admin/plans', { code, name, state: 'on_sale', trial_days, limits, position: 9 })
    const price = { amount, currency: 'USD' }
    await this.shop.call('POST', `/admin/plans/${made.id}/prices`, { cycle: { unit: 'month', count: 1 }, price })
    return { id: made.id, code, name }
  }

  /** Another price of what `plan` made, for who buys from now on. */
  async reprice(code: string, amount: number): Promise<void> {
    const id = await this.planId(code)
    await this.shop.call('POST', `/admin/plans/${id}/prices`, { cycle: { unit: 'month', count: 1 }, price: { amount, currency: 'USD' } })
  }

  async stock(code: string, left: number): Promise<void> {
    await this.shop.call('PUT', `/admin/plans/${await this.planId(code)}/stock`, { left, reason: 'told by the test' })
  }

  private async planId(code: string): Promise<string> {
    const { items } = await this.shop.call<{ items: { id: string; code: string }[] }>('GET', `/admin/plans?limit=200`)
    const found = items.find((each) => each.code === code)
    if (!found) throw new Error(`there is no plan ${code}`)
    return found.id
  }

  async voided(invoice: Invoice): Promise<void> {
    await this.shop.call('POST', `/invoices/${invoice.id}/void`, { reason: 'issued twice' })
  }

  draft(customer_id: string, amount: number): Promise<Invoice> {
    const lines = [{ description: 'Moving a mail server', unit_net: { amount, currency: 'USD' }, price_reason: 'as agreed' }]
    return this.shop.call('POST', '/invoices/', { customer_id, currency: 'USD', lines })
  }

  async invoice(customer_id: string, amount: number): Promise<Invoice> {
    const draft = await this.draft(customer_id, amount)
    return this.shop.call('POST', `/invoices/${draft.id}/issue`, {})
  }

  transfer(invoice: Invoice, amount: number): Promise<Invoice> {
    const body = { method: 'bank_transfer', amount: { amount, currency: 'USD' }, reference: `NTRF ${randomBytes(4).toString('hex')}` }
    return this.shop.call('POST', `/invoices/${invoice.id}/pay`, body)
  }

  credit(customerId: string, amount: number): Promise<unknown> {
    const body = { amount: { amount, currency: 'USD' }, reason: 'for the outage' }
    return this.shop.call('POST', `/admin/customers/${customerId}/credit/adjustments`, body)
  }

  async payLink(invoice: Invoice): Promise<string> {
    return (await this.shop.call<{ url: string }>('POST', `/invoices/${invoice.id}/pay-link`, {})).url
  }

  /** The entry of the books that issuing it made. */
  /** Its journal and its place there, as the page's address says it. */
  async entryOf(invoice: Invoice): Promise<string> {
    const { journals } = await this.shop.call<Explanation>('GET', `/admin/invoices/${invoice.id}/explain`)
    return `${journals[0]?.id}/${journals[0]?.entries[0]?.position}`
  }

  /** Brought along by staff, without an order: billed by the next run, for it begins today. */
  async keeps(customer_id: string, plan = 'starter'): Promise<Subscription> {
    const body = { customer_id, plan, kind: 'hosting', cycle: { unit: 'month', count: 1 }, currency: 'USD', reason: 'brought along' }
    return this.shop.call('POST', '/subscriptions/', body)
  }

  async taxPolicy(late_proof: 'task' | 'automatic'): Promise<void> {
    await this.shop.call('POST', '/admin/tax/policies', { late_proof, reason: 'told by the test' })
  }

  /** The member state's own amount, in the currency of the books. */
  async setThreshold(threshold_minor: number): Promise<void> {
    await this.shop.call('POST', '/admin/tax/policies', { threshold_minor, reason: 'told by the test' })
  }

  /** As if the shop had sold the threshold's whole sum before, somewhere else. */
  async crossThreshold(): Promise<void> {
    const { year, limit } = await this.shop.call<components['schemas']['ThresholdBody']>('GET', '/admin/tax/threshold')
    await this.shop.call('POST', '/admin/tax/threshold/opening', { year, amount: limit?.amount, reason: 'sold by another program' })
  }

  subscription(id: string): Promise<Subscription> {
    return this.shop.call('GET', `/subscriptions/${id}`)
  }

  /** A billing run to its end; where one is under way already, that one. */
  async run(order: { max_lines?: number } = {}): Promise<Run> {
    await this.shop.try('POST', '/admin/billing-runs', order)
    let newest: Run | undefined
    const ended = async () => {
      newest = (await this.shop.call<{ items: Run[] }>('GET', '/admin/billing-runs?limit=1')).items[0]
      return newest?.status
    }
    await expect.poll(ended, { message: 'the billing run ends' }).not.toBe('running')
    return newest as Run
  }
}
