import { Button, Container, Stack, Text, Title } from '@mantine/core'
import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import Link from '@/components/link'
import classes from '@/components/shell/shell.module.css'
import { SiteFooter } from '@/components/shell/site-footer'
import { SiteHeader } from '@/components/shell/site-header'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('common.notFound')
  return { title: t('title'), robots: { index: false } }
}

export default async function NotFound() {
  const t = await getTranslations('common.notFound')
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
      <SiteFooter />
    </>
  )
}
