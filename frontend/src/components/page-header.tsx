'use client'

import { Anchor, Group, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import Link from './link'

interface PageHeaderProps {
  title: ReactNode
  text?: ReactNode
  badge?: ReactNode
  action?: ReactNode
  back?: { href: string; label: string }
}

export function PageHeader({ title, text, badge, action, back }: PageHeaderProps) {
  return (
    <Stack gap={4} mb="lg">
      {back && (
        <Anchor component={Link} href={back.href} size="sm">
          ← {back.label}
        </Anchor>
      )}
      <Group justify="space-between" align="flex-start" gap="sm">
        <Group gap="sm" align="center">
          <Title order={1} fz={{ base: 24, sm: 28 }} className="np-break">
            {title}
          </Title>
          {badge}
        </Group>
        {action}
      </Group>
      {text && (
        <Text c="dimmed" mt={{ base: action ? 'xs' : 0, sm: 0 }}>
          {text}
        </Text>
      )}
    </Stack>
  )
}
