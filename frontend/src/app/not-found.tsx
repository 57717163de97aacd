import { Button, Container, Stack, Text, Title } from '@mantine/core'
import { getTranslations } from 'next-intl/server'
import Link from '@/components/link'

export default async function NotFound() {
  const t = await getTranslations('common.notFound')
  return (
    <Container size="xs" py={96} component="main" id="main">
      <Stack align="flex-start">
        <Title order={1}>{t('title')}</Title>
        <Text c="dimmed">{t('text')}</Text>
        <Button component={Link} href="/">
          {t('home')}
        </Button>
      </Stack>
    </Container>
  )
}
