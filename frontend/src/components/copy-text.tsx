'use client'

import { ActionIcon, CopyButton, Group } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useTranslations } from 'next-intl'

export function CopyText({ value, shown, what }: { value: string; shown?: string; what: string }) {
  const t = useTranslations('common')
  return (
    <Group gap={4} wrap="nowrap" component="span" display="inline-flex" maw="100%">
      <code className="np-code">{shown ?? value}</code>
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <ActionIcon
            variant="subtle"
            color={copied ? 'green' : 'gray'}
            onClick={copy}
            aria-label={t('copyWhat', { what })}
            title={copied ? t('copied') : t('copy')}
          >
            {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
          </ActionIcon>
        )}
      </CopyButton>
    </Group>
  )
}
