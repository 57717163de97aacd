'use client'

import { Button, Container, Stack, Text, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useCompany } from '@/features/company'
import Link from '../link'
import { FooterOf } from './footer-of'
import classes from './shell.module.css'
import { SiteHeader } from './site-header'

/** There is no such page: within the site's frame, so that people can go elsewhere. */
export function Missing() {
  const t = useTranslations('common.notFound')
  const company = useCompany()
  return (
    <>
      <SiteHeader />
      <main id="main" className={classes.main}>
        <Container size="xs" py={96}>
          <Stack align="flex-start">
            <Title order={1}>{t('title')}</Title>
            <Text c="dimmed">{t('text')}</Text>
            <Button component={Link} href="/">
              {t('home')}
            </Button>
          </Stack>
        </Container>
      </main>
      <FooterOf company={company} />
    </>
  )
}
