'use client'

import { Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'

export function FormHead({ title, text }: { title: string; text?: ReactNode }) {
  return (
    <Stack gap={4} mb="lg">
      <Title order={1} fz={28}>
        {title}
      </Title>
      {text && <Text c="dimmed">{text}</Text>}
    </Stack>
  )
}
