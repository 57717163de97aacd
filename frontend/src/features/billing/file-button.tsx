'use client'

import { Button, type ButtonProps, Group } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { asProblem } from '@/api/client'
import { downloadFile } from './download'

interface FileButtonProps extends Pick<ButtonProps, 'variant' | 'size'> {
  /** Where the API serves it. */
  path: string
  label: string
  /** What it is, for those who hear the label alone. */
  what: string
}

/** Saves a document. What can't be had (there is no e-invoice, say) is told in the API's words beside the button. */
export function FileButton({ path, label, what, variant = 'default', size = 'sm' }: FileButtonProps) {
  const t = useTranslations('account.files')
  const [told, setTold] = useState('')
  const save = useMutation({
    mutationFn: () => downloadFile(path),
    onMutate: () => setTold(''),
    onError: (error) => setTold(asProblem(error).detail || t('failed')),
  })
  return (
    <Group component="span" gap="xs" wrap="nowrap" display="inline-flex">
      <Button
        variant={variant}
        size={size}
        leftSection={size.startsWith('compact') ? undefined : <IconDownload size={16} aria-hidden />}
        onClick={() => save.mutate()}
        loading={save.isPending}
        aria-label={t('save', { label, what })}
      >
        {label}
      </Button>
      {told && (
        <span role="alert" className="np-aside">
          {told}
        </span>
      )}
    </Group>
  )
}
