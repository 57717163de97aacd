'use client'

import { Button, Group } from '@mantine/core'
import { useTranslations } from 'next-intl'

interface MoreButtonProps {
  hasMore: boolean
  loading: boolean
  more: () => void
}

/** Below a list that goes on. */
export function MoreButton({ hasMore, loading, more }: MoreButtonProps) {
  const t = useTranslations('common')
  if (!hasMore) return null
  return (
    <Group justify="center" mt="md">
      <Button variant="default" size="sm" onClick={more} loading={loading}>
        {t('more')}
      </Button>
    </Group>
  )
}
