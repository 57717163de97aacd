'use client'

import { Button, NativeSelect } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { useTranslations } from 'next-intl'

export interface CardProps<Item> {
  item: Item
  onChange: (item: Item) => void
  onRemove: () => void
}

const YEARS_MAX = 10

export function RemoveButton({ what, onClick }: { what: string; onClick: () => void }) {
  const t = useTranslations('cart')
  return (
    <Button
      variant="subtle"
      color="gray"
      size="compact-sm"
      flex="none"
      leftSection={<IconTrash size={16} aria-hidden />}
      onClick={onClick}
      aria-label={t('removeWhat', { what })}
    >
      {t('remove')}
    </Button>
  )
}

export function Years({ value, onChange }: { value: number; onChange: (years: number) => void }) {
  const t = useTranslations('cart')
  return (
    <NativeSelect
      size="md"
      w={140}
      label={t('years')}
      value={String(value)}
      onChange={(event) => onChange(Number(event.currentTarget.value))}
      data={Array.from({ length: YEARS_MAX }, (_, at) => String(at + 1))}
    />
  )
}

interface PiecesProps {
  label: string
  value: number
  least: number
  most: number
  onChange: (count: number) => void
}

/** How many: the browser's own list, since there are few. */
export function Pieces({ label, value, least, most, onChange }: PiecesProps) {
  return (
    <NativeSelect
      w={96}
      flex="none"
      aria-label={label}
      value={String(value)}
      onChange={(event) => onChange(Number(event.currentTarget.value))}
      data={Array.from({ length: most - least + 1 }, (_, at) => String(at + least))}
    />
  )
}
