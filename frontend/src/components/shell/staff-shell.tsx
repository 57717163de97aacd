'use client'

import { AppShell, Badge, Box, Burger, Center, Group, Loader, NavLink, ScrollArea, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconLock, IconLogout } from '@tabler/icons-react'
import { usePathname } from 'next/navigation'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import type { Me } from '@/api/session'
import { Brand, useCompany } from '@/features/company'
import { useKnown, useLogout, useMe } from '@/features/identity'
import { useWaiting } from '@/features/staff'
import { EmptyState } from '../empty-state'
import Link from '../link'
import { ProblemAlert } from '../problem-alert'
import classes from './staff.module.css'
import { GROUPS, isHere, type Place } from './staff-places'
import { LanguageMenu, ThemeToggle } from './switches'

export function StaffShell({ children }: { children: ReactNode }) {
  const t = useTranslations('common.nav')
  const words = useTranslations('staff')
  const [open, { toggle, close }] = useDisclosure()
  const { data: me } = useMe()
  const staff = me && me.role !== 'customer' ? me : null
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 212, breakpoint: 'sm', collapsed: { mobile: !open, desktop: !staff } }}
      padding={{ base: 'sm', sm: 'md', lg: 'lg' }}
    >
      <AppShell.Header px="md">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            {staff && <Burger opened={open} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={t('menu')} />}
            <Link href="/admin" className="np-brand-link">
              <Brand />
            </Link>
            <Badge variant="default" radius="sm" tt="none" visibleFrom="xs">
              {words('shell.staff')}
            </Badge>
          </Group>
          <Group gap={4} wrap="nowrap">
            {staff && (
              <Text size="sm" c="dimmed" visibleFrom="md" mr="xs">
                {staff.email}
              </Text>
            )}
            <Box visibleFrom="xs">
              <LanguageMenu />
            </Box>
            <ThemeToggle />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs">{staff && <Places me={staff} onGo={close} />}</AppShell.Navbar>
      <AppShell.Main id="main">
        <Box maw={1520} mx="auto" className={classes.page}>
          <StaffOnly>{children}</StaffOnly>
        </Box>
      </AppShell.Main>
    </AppShell>
  )
}

/** The menu leaves out what this login may not read; the API decides all the same. */
function Places({ me, onGo }: { me: Me; onGo: () => void }) {
  const t = useTranslations('common.nav')
  const logout = useLogout()
  const { sandbox } = useCompany()
  const may = (place: Place) => (!place.needs || me.permissions.includes(place.needs)) && (!place.sandbox || sandbox)
  return (
    <>
      <AppShell.Section grow component={ScrollArea} type="auto">
        <StaffNav groups={GROUPS.map(({ name, places }) => ({ name, places: places.filter(may) }))} onGo={onGo} />
      </AppShell.Section>
      <AppShell.Section>
        <Box hiddenFrom="xs">
          <LanguageMenu />
        </Box>
        <NavLink
          component="button"
          className={classes.entry}
          label={t('logout')}
          leftSection={<IconLogout size={17} aria-hidden />}
          onClick={() => logout.mutate()}
        />
      </AppShell.Section>
    </>
  )
}

function StaffNav({ groups, onGo }: { groups: { name: string; places: Place[] }[]; onGo: () => void }) {
  const t = useTranslations('staff')
  const path = usePathname()
  const waiting = useWaiting()
  return (
    <nav aria-label={t('shell.nav')}>
      {groups
        .filter((group) => group.places.length > 0)
        .map((group) => (
          <div key={group.name} className={classes.group}>
            {group.name !== 'top' && <div className={classes.groupName}>{t(`shell.${group.name}`)}</div>}
            {group.places.map(({ name, href, Icon }) => (
              <NavLink
                key={href}
                component={Link}
                href={href}
                className={classes.entry}
                label={t(`titles.${name}`)}
                leftSection={<Icon size={17} aria-hidden />}
                rightSection={
                  name === 'work' && waiting ? (
                    <Badge color="orange" variant="light" size="sm" aria-label={t('shell.waiting', { count: waiting })}>
                      {waiting}
                    </Badge>
                  ) : undefined
                }
                active={isHere(path, href)}
                aria-current={isHere(path, href) ? 'page' : undefined}
                onClick={onGo}
              />
            ))}
          </div>
        ))}
    </nav>
  )
}

/** Staff see the page, customers are told that it is not theirs, and visitors log in and come back. */
function StaffOnly({ children }: { children: ReactNode }) {
  const t = useTranslations('staff.shell')
  const me = useKnown()
  if (me.error) return <ProblemAlert error={me.error} retry={() => me.refetch()} />
  if (!me.data)
    return (
      <Center h={240}>
        <Loader aria-label={t('loading')} />
      </Center>
    )
  if (me.data.role === 'customer')
    return (
      <Box maw={640} mx="auto" mt="xl">
        <h1 className={classes.unseen}>{t('notForYou')}</h1>
        <EmptyState
          icon={<IconLock />}
          title={t('notForYou')}
          text={t('notForYouText', { email: me.data.email })}
          action={{ href: '/dashboard', label: t('toDashboard') }}
        />
      </Box>
    )
  return children
}
