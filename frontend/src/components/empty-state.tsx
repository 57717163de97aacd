'use client'

import { Button, Card, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import Link from './link'

/** Says what will be here, and the first step. */
export function EmptyState({
  icon,
  title,
  text,
  action,
}: {
  icon?: ReactNode
  title: string
  text: string
  action?: { href: string; label: string }
}) {
  return (
    <Card py={48}>
      <Stack align="center" gap="xs" ta="center" maw={440} mx="auto">
        {icon && <span className="np-empty-icon">{icon}</span>}
        <Text fw={600} fz="lg">
          {title}
        </Text>
        <Text c="dimmed">{text}</Text>
        {action && (
          <Button component={Link} href={action.href} mt="sm">
            {action.label}
          </Button>
        )}
      </Stack>
    </Card>
  )
}
