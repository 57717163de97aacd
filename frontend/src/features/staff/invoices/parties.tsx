'use client'

import { Card } from '@mantine/core'
import { useLocale, useTranslations } from 'next-intl'
import { CopyText } from '@/components/copy-text'
import { Facts } from '@/components/facts'
import { Party } from '@/components/party'
import { When } from '@/components/when'
import { countryName } from '@/lib/address'
import { SideLink, toCustomer, toOrder } from '../parts'
import type { Invoice } from './queries'

export function Seller({ seller }: Pick<Invoice, 'seller'>) {
  const t = useTranslations('staff.invoices')
  const locale = useLocale()
  return (
    <Side
      title={t('from')}
      lines={[seller.name, seller.address, seller.country && countryName(seller.country, locale), seller.email, seller.tax_id]}
    />
  )
}

export function Buyer({ buyer }: Pick<Invoice, 'buyer'>) {
  const t = useTranslations('staff.invoices')
  const locale = useLocale()
  const country = buyer.country && countryName(buyer.country, locale)
  const town = [buyer.postal_code, buyer.city].filter(Boolean).join(' ')
  const lines = [buyer.company, buyer.name, buyer.address_line_1, buyer.address_line_2, town, buyer.state, country]
  return <Side title={t('to')} lines={[...lines, buyer.email, buyer.invoice_email, buyer.tax_id]} />
}

function Side({ title, lines }: { title: string; lines: (string | null)[] }) {
  return (
    <Card padding="md" component="section" aria-label={title}>
      <Party title={title} lines={[...new Set(lines)]} />
    </Card>
  )
}

export function About({ invoice }: { invoice: Invoice }) {
  const t = useTranslations('staff')
  const words = useTranslations('desk.invoice')
  return (
    <Card padding="md" component="section" aria-label={t('invoices.facts')}>
      <Facts
        of={[
          [t('columns.issued'), invoice.issued_on && <When key="i" at={invoice.issued_on} />],
          [t('columns.dueOn'), invoice.due_on && <When key="d" at={invoice.due_on} relative={invoice.state === 'open'} />],
          [words('terms'), invoice.state === 'draft' && invoice.terms_days !== null && words('days', { days: invoice.terms_days })],
          [t('columns.paidAt'), invoice.paid_at && <When key="p" at={invoice.paid_at} time />],
          [
            t('columns.customer'),
            <SideLink key="c" href={toCustomer(invoice.customer_id)}>
              {invoice.buyer_name}
            </SideLink>,
          ],
          [words('buyerReference'), invoice.buyer_reference],
          [words('orderNumber'), invoice.order_number],
          [
            t('columns.order'),
            invoice.origin_type === 'orders.order' && (
              <SideLink key="o" href={toOrder(invoice.origin_id)}>
                {t('invoices.openOrder')}
              </SideLink>
            ),
          ],
          [
            words('proforma'),
            invoice.proforma_id && (
              <SideLink key="f" href={`/admin/invoices/proformas/${invoice.proforma_id}`}>
                {words('openProforma')}
              </SideLink>
            ),
          ],
          [t('columns.id'), <CopyText key="x" value={invoice.id} shown={`…${invoice.id.slice(-12)}`} what={t('columns.id')} />],
        ]}
      />
    </Card>
  )
}
