'use client'

import { Button, Container, Stack, Text, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'

export default function PageError({ reset }: { error: Error; reset: () => void }) {
  const t = useTranslations('common.pageError')
  return (
    <Container size="xs" py={96} component="main" id="main">
      <Stack align="flex-start">
        <Title order={1}>{t('title')}</Title>
        <Text c="dimmed">{t('text')}</Text>
        <Button onClick={reset}>{t('again')}</Button>
      </Stack>
    </Container>
  )
}
