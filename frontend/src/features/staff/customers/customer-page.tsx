'use client'

import { Badge, Card, Group, Skeleton, Stack } from '@mantine/core'
import { useLocale, useTranslations } from 'next-intl'
import { CopyText } from '@/components/copy-text'
import { Facts } from '@/components/facts'
import { PageHeader } from '@/components/page-header'
import { Trouble } from '@/components/trouble'
import { When } from '@/components/when'
import { countryName } from '@/lib/address'
import { CustomerCredit } from '../books/customer-credit'
import classes from '../orders/orders.module.css'
import { SideLink } from '../parts'
import { CustomerTax } from '../tax/customer-tax'
import { Belongings } from './belongings'
import { type CustomerFile, useCustomer } from './queries'

export function CustomerPage({ id }: { id: string }) {
  const t = useTranslations('staff')
  const found = useCustomer(id)
  const customer = found.data
  return (
    <>
      <PageHeader
        title={customer?.name ?? t('columns.customer')}
        back={{ href: '/admin/customers', label: t('titles.customers') }}
        badge={customer && <Badges customer={customer} />}
        text={customer && `${customer.number} · ${customer.email}`}
      />
      {found.error && <Trouble error={found.error} retry={() => found.refetch()} />}
      {!customer && !found.error && <Skeleton height={320} radius="lg" />}
      {customer && (
        <div className={classes.columns}>
          <Stack gap="lg">
            <Belongings id={id} />
            <CustomerCredit id={id} />
            <CustomerTax id={id} />
          </Stack>
          <div className={classes.side}>
            <About customer={customer} />
          </div>
        </div>
      )}
    </>
  )
}

function Badges({ customer }: { customer: CustomerFile }) {
  const t = useTranslations('staff.customers')
  const { login } = customer
  return (
    <Group gap={6}>
      <Badge variant="light" color="gray" radius="sm" tt="none">
        {t(customer.status)}
      </Badge>
      {login.disabled_at && (
        <Badge variant="light" color="red" radius="sm" tt="none">
          {t('disabled')}
        </Badge>
      )}
      {!login.email_verified_at && (
        <Badge variant="light" color="orange" radius="sm" tt="none">
          {t('unverified')}
        </Badge>
      )}
    </Group>
  )
}

function About({ customer }: { customer: CustomerFile }) {
  const t = useTranslations('staff')
  const locale = useLocale()
  const { address, login } = customer
  const lines = address
    ? [address.line_1, address.line_2, `${address.postal_code} ${address.city}`, address.state, countryName(address.country, locale)].filter(Boolean)
    : []
  return (
    <Card component="section" aria-label={t('customers.facts')}>
      <Facts
        of={[
          [t('columns.number'), customer.number],
          [t('columns.name'), customer.name],
          [t('columns.company'), customer.company],
          [t('columns.email'), <CopyText key="e" value={customer.email} what={t('columns.email')} />],
          [t('columns.phone'), customer.phone],
          [t('columns.taxId'), customer.tax_id],
          [t('columns.address'), address ? lines.map((line) => <div key={line}>{line}</div>) : t('customers.noAddress')],
          [t('columns.language'), new Intl.DisplayNames([locale], { type: 'language' }).of(customer.locale)],
          [t('columns.since'), <When key="s" at={customer.created_at} time />],
          [t('customers.verifiedAt'), login.email_verified_at && <When key="v" at={login.email_verified_at} time />],
          [t('customers.disabledAt'), login.disabled_at && <When key="d" at={login.disabled_at} time />],
          [
            t('columns.login'),
            <SideLink key="l" href={`/admin/users?q=${encodeURIComponent(customer.email)}`}>
              {t('customers.openLogin')}
            </SideLink>,
          ],
          [
            t('titles.audit'),
            <SideLink key="a" href={`/admin/audit?customer=${customer.id}`}>
              {t('customers.openAudit')}
            </SideLink>,
          ],
          [t('columns.id'), <CopyText key="i" value={customer.id} shown={`…${customer.id.slice(-12)}`} what={t('columns.id')} />],
        ]}
      />
    </Card>
  )
}
