'use client'

import { Box, Drawer, NavLink, Stack } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { Brand } from '@/features/company'
import Link from '../link'
import { LanguageMenu } from './switches'

/** The head's links where there is no room for them. */
export function SiteMenu({ links, onClose }: { links: { href: string; label: string }[]; onClose: () => void }) {
  const t = useTranslations('common.nav')
  return (
    <Drawer opened onClose={onClose} title={<Brand />} position="right" size="xs" closeButtonProps={{ 'aria-label': t('close') }}>
      <Stack gap={4}>
        {links.map(({ href, label }) => (
          <NavLink key={href} component={Link} href={href} label={label} onClick={onClose} />
        ))}
        <Box pt="md">
          <LanguageMenu />
        </Box>
      </Stack>
    </Drawer>
  )
}
