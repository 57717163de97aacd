'use client'

import { ActionIcon, Box, Button, Container, Group } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconMenu2, IconShoppingCart } from '@tabler/icons-react'
import dynamic from 'next/dynamic'
import { useTranslations } from 'next-intl'
import { useCart } from '@/features/cart'
import { Brand } from '@/features/company'
import { useMe } from '@/features/identity'
import Link from '../link'
import classes from './shell.module.css'
import { LanguageMenu, ThemeToggle } from './switches'

const LINKS = ['pricing', 'domains'] as const
// Small screens only, and there upon a press only.
const SiteMenu = dynamic(() => import('./site-menu').then((found) => found.SiteMenu), { ssr: false })

export function SiteHeader() {
  const t = useTranslations('common.nav')
  const [open, { toggle, close }] = useDisclosure()
  const { data: me } = useMe()
  const { items } = useCart()
  const account = me ? { href: '/dashboard', label: t('account') } : { href: '/login', label: t('login') }
  return (
    <header className={classes.header}>
      <Container size="lg" h="100%">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="xl" wrap="nowrap">
            <Link href="/" className="np-brand-link">
              <Brand />
            </Link>
            <Group component="nav" aria-label={t('main')} gap={4} visibleFrom="sm">
              {LINKS.map((name) => (
                <Link key={name} href={`/${name}`} className={classes.link}>
                  {t(name)}
                </Link>
              ))}
            </Group>
          </Group>
          <Group gap={6} wrap="nowrap">
            <Box visibleFrom="xs">
              <LanguageMenu />
            </Box>
            <ThemeToggle />
            <Link href="/cart" className={classes.link} aria-label={t('cartCount', { count: items.length })}>
              <span className="np-count" aria-hidden>
                <IconShoppingCart size={20} />
                {items.length > 0 && <span>{items.length}</span>}
              </span>
            </Link>
            <Button component={Link} href={account.href} variant="default" size="sm" visibleFrom="sm">
              {account.label}
            </Button>
            <ActionIcon variant="subtle" color="gray" size="lg" onClick={toggle} hiddenFrom="sm" aria-label={t('menu')} aria-expanded={open}>
              <IconMenu2 size={22} aria-hidden />
            </ActionIcon>
          </Group>
        </Group>
      </Container>
      {open && <SiteMenu links={[...LINKS.map((name) => ({ href: `/${name}`, label: t(name) })), account]} onClose={close} />}
    </header>
  )
}
