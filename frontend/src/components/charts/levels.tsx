'use client'

import { type Bar, Bars } from './bars'
import { ticksTo } from './ticks'

interface LevelsProps {
  bars: Bar[]
  series: string
  format: (value: number) => string
  /** Drawn across where it is near enough to matter. */
  limit?: { value: number; label: string }
}

const NEAR = 0.4

/** How many there were, day by day, in whole numbers. */
export function Levels({ bars, series, format, limit }: LevelsProps) {
  const highest = Math.max(0, ...bars.map(({ value }) => value))
  const line = limit && highest >= limit.value * NEAR ? limit : undefined
  return <Bars bars={bars} series={series} format={format} ticks={ticksTo(Math.max(1, highest, line?.value ?? 0))} line={line} />
}
