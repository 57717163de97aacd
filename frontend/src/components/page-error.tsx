'use client'

import { Button, Container, Stack, Text, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'

/** Something in the page itself broke; `reset` draws it anew. */
export function PageError({ reset }: { reset: () => void }) {
  const t = useTranslations('broken')
  return (
    <Container size="xs" py={96}>
      <Stack align="flex-start" role="alert">
        <Title order={1}>{t('title')}</Title>
        <Text c="dimmed">{t('text')}</Text>
        <Button onClick={reset}>{t('again')}</Button>
      </Stack>
    </Container>
  )
}
