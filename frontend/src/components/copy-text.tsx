'use client'

import { ActionIcon, CopyButton, Group, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useTranslations } from 'next-intl'

export function CopyText({ value, shown, what }: { value: string; shown?: string; what: string }) {
  const t = useTranslations('common')
  return (
    <Group gap={4} wrap="nowrap" component="span" display="inline-flex" maw="100%">
      <code className="np-code">{shown ?? value}</code>
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? t('copied') : t('copy')}>
            <ActionIcon variant="subtle" color={copied ? 'green' : 'gray'} onClick={copy} aria-label={t('copyWhat', { what })}>
              {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </Group>
  )
}
