import {
  IconAdjustments,
  IconAlertTriangle,
  IconBook2,
  IconCalendarDue,
  IconCash,
  IconClockPlay,
  IconDiscount,
  IconFileInvoice,
  IconHistory,
  IconKey,
  IconLayoutDashboard,
  IconLicense,
  IconMail,
  IconPackage,
  IconPlayerPlay,
  IconReceiptTax,
  IconRepeat,
  IconServer,
  IconShieldCheck,
  IconSignature,
  IconTag,
  IconUserCog,
  IconUsers,
  IconWorld,
  IconWorldWww,
} from '@tabler/icons-react'

export interface Place {
  name: string
  href: string
  Icon: typeof IconUsers
  /** The permission that the page reads with. */
  needs?: string
  /** Not where real money moves. */
  sandbox?: boolean
}

export const GROUPS: { name: string; places: Place[] }[] = [
  {
    name: 'top',
    places: [
      { name: 'overview', href: '/admin', Icon: IconLayoutDashboard },
      { name: 'work', href: '/admin/work', Icon: IconAlertTriangle, needs: 'jobs.read' },
    ],
  },
  {
    name: 'sales',
    places: [
      { name: 'customers', href: '/admin/customers', Icon: IconUsers, needs: 'customers.read_all' },
      { name: 'orders', href: '/admin/orders', Icon: IconPackage, needs: 'orders.read_all' },
      { name: 'subscriptions', href: '/admin/subscriptions', Icon: IconRepeat, needs: 'subscriptions.read_all' },
      { name: 'billingRuns', href: '/admin/billing-runs', Icon: IconPlayerPlay, needs: 'subscriptions.manage' },
      { name: 'billingCalendar', href: '/admin/billing-calendar', Icon: IconCalendarDue, needs: 'subscriptions.manage' },
      { name: 'invoices', href: '/admin/invoices', Icon: IconFileInvoice, needs: 'invoices.read_all' },
      { name: 'payments', href: '/admin/payments', Icon: IconCash, needs: 'payments.read_all' },
    ],
  },
  {
    name: 'finance',
    places: [
      { name: 'books', href: '/admin/books', Icon: IconBook2, needs: 'ledger.read' },
      { name: 'tax', href: '/admin/tax', Icon: IconReceiptTax, needs: 'tax.read' },
    ],
  },
  {
    name: 'services',
    places: [
      { name: 'licenses', href: '/admin/licenses', Icon: IconLicense, needs: 'licenses.read_all' },
      { name: 'domains', href: '/admin/domains', Icon: IconWorld, needs: 'domains.read_all' },
      { name: 'notifications', href: '/admin/notifications', Icon: IconMail, needs: 'notifications.read_all' },
      { name: 'servers', href: '/admin/servers', Icon: IconServer, needs: 'servers.read' },
    ],
  },
  {
    name: 'catalog',
    places: [
      { name: 'plans', href: '/admin/plans', Icon: IconTag, needs: 'catalog.read' },
      { name: 'options', href: '/admin/options', Icon: IconAdjustments, needs: 'catalog.read' },
      { name: 'coupons', href: '/admin/coupons', Icon: IconDiscount, needs: 'catalog.read' },
      { name: 'tlds', href: '/admin/tlds', Icon: IconWorldWww, needs: 'catalog.read' },
    ],
  },
  {
    name: 'system',
    places: [
      { name: 'clock', href: '/admin/clock', Icon: IconClockPlay, needs: 'jobs.read', sandbox: true },
      { name: 'invariants', href: '/admin/invariants', Icon: IconShieldCheck, needs: 'invariants.read' },
      { name: 'audit', href: '/admin/audit', Icon: IconHistory, needs: 'audit.read' },
      { name: 'panelKeys', href: '/admin/panel-keys', Icon: IconKey, needs: 'panel_keys.manage' },
      { name: 'signingKeys', href: '/admin/signing-keys', Icon: IconSignature, needs: 'panel_keys.manage' },
      { name: 'users', href: '/admin/users', Icon: IconUserCog, needs: 'users.read' },
    ],
  },
]

export function isHere(path: string, href: string): boolean {
  return path === href || (href !== '/admin' && path.startsWith(`${href}/`))
}
