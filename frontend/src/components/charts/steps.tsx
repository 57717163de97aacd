'use client'

import { AreaChart } from '@mantine/charts'
import { ticksTo } from './ticks'

export interface Step {
  label: string
  value: number
}

interface StepsProps {
  steps: Step[]
  series: string
  format: (value: number) => string
  /** Drawn across where it is near enough to matter. */
  limit?: { value: number; label: string }
}

const NEAR = 0.4
/** What was there day by day: it changes at once and then stays. Hidden from screen readers: beside it stands the same as a table. */
export function Steps({ steps, series, format, limit }: StepsProps) {
  const highest = Math.max(0, ...steps.map(({ value }) => value))
  const shown = limit && highest >= limit.value * NEAR
  const ticks = ticksTo(Math.max(1, highest, shown ? limit.value : 0))
  return (
    <div aria-hidden>
      <AreaChart
        h={240}
        data={steps.map(({ label, value }) => ({ label, [series]: value }))}
        dataKey="label"
        series={[{ name: series, color: 'brand.6' }]}
        curveType="stepAfter"
        fillOpacity={0.18}
        withDots={false}
        withGradient={false}
        valueFormatter={format}
        tickLine="none"
        yAxisProps={{ width: 48, ticks, domain: [0, ticks.at(-1) ?? 1] }}
        xAxisProps={{ interval: 'preserveStartEnd', minTickGap: 32 }}
        referenceLines={shown ? [{ y: limit.value, label: limit.label, color: 'red.7', labelPosition: 'insideTopLeft' }] : undefined}
        areaProps={{ isAnimationActive: false }}
        tooltipAnimationDuration={0}
        areaChartProps={{ accessibilityLayer: false }}
      />
    </div>
  )
}
