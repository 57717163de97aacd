import { randomBytes } from 'node:crypto'
import { request } from '@playwright/test'
import type { components } from '../../src/api/schema'
import { Shop } from './shop'
import { system } from './system'

type Invoice = components['schemas']['InvoiceBody']

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
  async plan(trial_days: number, amount: number): Promise<{ code: string; name: string }> {
    const code = `trial-${randomBytes(4).toString('hex')}`
    const name = `Trial ${code.slice(-4)}`
    const limits = { accounts: 1 }
    const made = await this.shop.call<{ id: string }>('POST', '/admin/plans', { code, name, state: 'on_sale', trial_days, limits, position: 9 })
    const price = { amount, currency: 'USD' }
    await this.shop.call('POST', `/admin/plans/${made.id}/prices`, { cycle: { unit: 'month', count: 1 }, price })
    return { code, name }
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

  async invoice(customer_id: string, amount: number): Promise<Invoice> {
    const lines = [{ description: 'Moving a mail server', unit_net: { amount, currency: 'USD' }, price_reason: 'as agreed' }]
    const draft = await this.shop.call<Invoice>('POST', '/invoices/', { customer_id, currency: 'USD', lines })
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
}
