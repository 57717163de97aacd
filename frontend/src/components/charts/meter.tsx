'use client'

import { Progress, Text } from '@mantine/core'
import { useFormatter } from 'next-intl'

const FULL = 0.95
const FILLING = 0.8

/** How full something is: a bar and the figures. */
export function Meter({ label, used, capacity }: { label: string; used: number; capacity: number }) {
  const format = useFormatter()
  const part = capacity > 0 ? used / capacity : 0
  const color = part >= FULL ? 'red.7' : part >= FILLING ? 'orange.7' : 'brand.7'
  const text = `${format.number(used)} / ${format.number(capacity)}`
  return (
    <div>
      <Progress.Root size="lg" radius="sm">
        <Progress.Section value={Math.min(100, part * 100)} color={color} aria-label={label} aria-valuetext={text} />
      </Progress.Root>
      <Text size="sm" className="np-number" mt={2}>
        {text} <span className="np-aside">({format.number(part, { style: 'percent' })})</span>
      </Text>
    </div>
  )
}
