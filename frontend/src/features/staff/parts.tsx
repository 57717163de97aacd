'use client'

import { Anchor, Badge, CloseButton } from '@mantine/core'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import type { TableState } from '@/components/data-table/table-state'
import Link from '@/components/link'

export function RowLink({ href, children, label }: { href: string; children: ReactNode; label?: string }) {
  return (
    <Anchor component={Link} href={href} fz="inherit" fw={550} aria-label={label}>
      {children}
    </Anchor>
  )
}

export function SideLink({ href, children, label }: { href: string; children: ReactNode; label?: string }) {
  return (
    <Anchor component={Link} href={href} fz="inherit" c="inherit" underline="always" aria-label={label}>
      {children}
    </Anchor>
  )
}

export const toCustomer = (id: string) => `/admin/customers/${id}`
export const toLicense = (id: string) => `/admin/licenses/${id}`
export const toOrder = (id: string) => `/admin/orders/${id}`

/** A list of one customer's says so, and lets go of it. */
export function OfCustomer({ state }: { state: TableState }) {
  const t = useTranslations('staff.table')
  const customer = state.chosen.customer
  if (!customer) return null
  return (
    <Badge
      variant="light"
      color="gray"
      size="lg"
      radius="sm"
      tt="none"
      rightSection={<CloseButton size="xs" aria-label={t('allCustomers')} onClick={() => state.choose('customer', '')} />}
    >
      <SideLink href={toCustomer(customer)}>{t('oneCustomer')}</SideLink>
    </Badge>
  )
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The customer that the address names; nothing where it names no id. */
export function chosenCustomer(state: TableState): string | undefined {
  const id = state.chosen.customer ?? ''
  return UUID.test(id) ? id : undefined
}
