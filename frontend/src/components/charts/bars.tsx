'use client'

import { BarChart } from '@mantine/charts'

export interface Bar {
  label: string
  value: number
}

interface BarsProps {
  bars: Bar[]
  series: string
  format: (value: number) => string
  /** Where the axis is to be other than the chart makes it. */
  ticks?: number[]
  /** Drawn across. */
  line?: { value: number; label: string }
}

/** Hidden from screen readers: beside it stands the same as a table. */
export function Bars({ bars, series, format, ticks, line }: BarsProps) {
  return (
    <div aria-hidden>
      <BarChart
        h={220}
        data={bars.map(({ label, value }) => ({ label, [series]: value }))}
        dataKey="label"
        series={[{ name: series, color: 'brand.6' }]}
        valueFormatter={format}
        tickLine="none"
        yAxisProps={ticks ? { width: 48, ticks, domain: [0, ticks.at(-1) ?? 1] } : { width: 72 }}
        xAxisProps={{ interval: 'preserveStartEnd', minTickGap: 24 }}
        referenceLines={line && [{ y: line.value, label: line.label, color: 'red.7', labelPosition: 'insideTopLeft' }]}
        barProps={{ radius: [3, 3, 0, 0], isAnimationActive: false }}
        tooltipAnimationDuration={0}
        barChartProps={{ accessibilityLayer: false }}
      />
    </div>
  )
}
