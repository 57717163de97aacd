'use client'

import { AppShell, Box, Burger, Button, Center, Group, Loader, NavLink, ScrollArea } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import {
  IconCreditCard,
  IconFileInvoice,
  IconLayoutDashboard,
  IconLicense,
  IconLock,
  IconLogout,
  IconPackage,
  IconPalette,
  IconPlus,
  IconRepeat,
  IconReportMoney,
  IconUser,
  IconWallet,
  IconWorld,
} from '@tabler/icons-react'
import { usePathname } from 'next/navigation'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import type { Me } from '@/api/session'
import { Brand } from '@/features/company'
import { useKnown, useLogout } from '@/features/identity'
import { ConfirmAddress } from '@/features/identity/forms'
import Link from '../link'
import { ProblemAlert } from '../problem-alert'
import { LanguageMenu, ThemeToggle } from './switches'

const PLACES = [
  ['dashboard', '/dashboard', IconLayoutDashboard],
  ['subscriptions', '/subscriptions', IconRepeat],
  ['licenses', '/licenses', IconLicense],
  ['ownDomains', '/domains-owned', IconWorld],
  ['orders', '/orders', IconPackage],
  ['invoices', '/invoices', IconFileInvoice],
  ['methods', '/payment-methods', IconCreditCard],
  ['credit', '/credit', IconWallet],
  ['statement', '/statement', IconReportMoney],
] as const
const SETTINGS = [
  ['profile', '/settings/profile', IconUser],
  ['security', '/settings/security', IconLock],
  ['appearance', '/settings/appearance', IconPalette],
] as const

export function AccountShell({ children }: { children: ReactNode }) {
  const t = useTranslations('common.nav')
  const [open, { toggle, close }] = useDisclosure()
  return (
    <AppShell header={{ height: 60 }} navbar={{ width: 240, breakpoint: 'sm', collapsed: { mobile: !open } }} padding={{ base: 'md', md: 'xl' }}>
      <AppShell.Header px="md">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={open} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={t('menu')} />
            <Link href="/" className="np-brand-link">
              <Brand />
            </Link>
          </Group>
          <Group gap={4} wrap="nowrap">
            <Box visibleFrom="xs">
              <LanguageMenu />
            </Box>
            <ThemeToggle />
            <Button component={Link} href="/pricing" size="xs" visibleFrom="sm" leftSection={<IconPlus size={16} aria-hidden />}>
              {t('newService')}
            </Button>
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm">
        <Places onGo={close} />
      </AppShell.Navbar>
      <AppShell.Main id="main">
        <Box maw={1080} mx="auto">
          <Known>{children}</Known>
        </Box>
      </AppShell.Main>
    </AppShell>
  )
}

function Places({ onGo }: { onGo: () => void }) {
  const t = useTranslations('common.nav')
  const path = usePathname()
  const logout = useLogout()
  const entry = ([name, href, Icon]: readonly [string, string, typeof IconUser]) => (
    <NavLink
      key={href}
      component={Link}
      href={href}
      label={t(name)}
      leftSection={<Icon size={18} aria-hidden />}
      active={path === href || path.startsWith(`${href}/`)}
      onClick={onGo}
    />
  )
  return (
    <>
      <AppShell.Section grow component={ScrollArea}>
        <nav aria-label={t('account')}>{PLACES.map(entry)}</nav>
        <Box mt="md" pt="md" style={{ borderTop: '1px solid var(--np-line)' }}>
          <nav aria-label={t('settings')}>{SETTINGS.map(entry)}</nav>
        </Box>
      </AppShell.Section>
      <AppShell.Section>
        <Box hiddenFrom="xs">
          <LanguageMenu />
        </Box>
        <NavLink component="button" label={t('logout')} leftSection={<IconLogout size={18} aria-hidden />} onClick={() => logout.mutate()} />
      </AppShell.Section>
    </>
  )
}

/** Shows the pages to whoever is logged in; others go to the login and come back here. */
function Known({ children }: { children: ReactNode }) {
  const me = useKnown()
  if (me.error) return <ProblemAlert error={me.error} retry={() => me.refetch()} />
  if (!me.data)
    return (
      <Center h={240}>
        <Loader aria-label="…" />
      </Center>
    )
  return (
    <>
      <Unverified me={me.data} />
      {children}
    </>
  )
}

/** Not on an order's page: there it is said beside the step that waits for it. */
function Unverified({ me }: { me: Me }) {
  const t = useTranslations('common.unverified')
  const path = usePathname()
  if (me.email_verified || path.startsWith('/orders/')) return null
  return (
    <Box mb="lg">
      <ConfirmAddress text={t('text', { email: me.email })} />
    </Box>
  )
}
